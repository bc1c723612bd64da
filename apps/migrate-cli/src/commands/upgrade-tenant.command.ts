import { Command, Option } from 'nest-commander';
import { parseSchemaName, type Migrator, type RunOptions, type SchemaName } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderDryRun, renderReport } from '../render';
import { ApplyCommand, type ApplyOptions } from './apply-command';
import { SCHEMA_OPTION } from './migrator-command';

interface UpgradeTenantOptions extends ApplyOptions {
  readonly schema: string;
}

@Command({ name: 'upgrade-tenant', description: "apply the pending migrations of one tenant's schema" })
export class UpgradeTenantCommand extends ApplyCommand<UpgradeTenantOptions> {
  protected readonly example = 'upgrade-tenant --schema demo';

  protected override async apply(migrator: Migrator, { schema }: UpgradeTenantOptions, run: RunOptions): Promise<Answer> {
    return renderReport(await migrator.upgradeTenant(schema, run));
  }

  protected override async plan(migrator: Migrator, options: UpgradeTenantOptions): Promise<Answer> {
    return renderDryRun(await migrator.dryRunUpgradeTenant(options.schema, options));
  }

  @Option(SCHEMA_OPTION)
  parseSchema(schema: string): SchemaName {
    return parseSchemaName(schema);
  }
}
