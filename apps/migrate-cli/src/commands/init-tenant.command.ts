import { Command, Option } from 'nest-commander';
import { parseSchemaName, type Migrator, type RunOptions, type SchemaName } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderDryRun, renderReport } from '../render';
import { ApplyCommand, type ApplyOptions } from './apply-command';
import { SCHEMA_OPTION } from './migrator-command';

interface InitTenantOptions extends ApplyOptions {
  readonly schema: string;
  readonly name?: string;
  readonly domain?: string;
}

@Command({ name: 'init-tenant', description: 'register a tenant if it is new, make its schema and bring it to head; prints its API key once' })
export class InitTenantCommand extends ApplyCommand<InitTenantOptions> {
  protected readonly example = 'init-tenant --schema demo --name "Demo Ltd" --domain demo.example';

  protected override async apply(migrator: Migrator, { schema, name, domain }: InitTenantOptions, run: RunOptions): Promise<Answer> {
    return renderReport(await migrator.initTenant({ schema, name, domain }, run), 'Its API key was shown when it became active; rotate-api-key gives a new one.');
  }

  protected override async plan(migrator: Migrator, options: InitTenantOptions): Promise<Answer> {
    return renderDryRun(await migrator.dryRunInitTenant(options, options));
  }

  @Option(SCHEMA_OPTION)
  parseSchema(schema: string): SchemaName {
    return parseSchemaName(schema);
  }

  @Option({ flags: '--name <text>', description: 'the display name (default: the schema)' })
  parseName(name: string): string {
    return name;
  }

  @Option({ flags: '--domain <text>', description: "the tenant's domain, unique (default: none)" })
  parseDomain(domain: string): string {
    return domain;
  }
}
