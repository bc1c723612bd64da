import { Command, Option } from 'nest-commander';
import { parseSchemaName, type Migrator, type SchemaName } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderStatus } from '../render';
import { MigratorCommand, SCHEMA_OPTION, type CommonOptions } from './migrator-command';

interface StatusOptions extends CommonOptions {
  readonly schema: string;
  readonly check?: boolean;
}

@Command({ name: 'status', description: "compare the tenant track with the history of one tenant's schema" })
export class StatusCommand extends MigratorCommand<StatusOptions> {
  protected readonly example = 'status --schema demo --json';

  protected override async execute(migrator: Migrator, { schema, check = false }: StatusOptions): Promise<Answer> {
    return renderStatus(await migrator.status(schema), check);
  }

  @Option(SCHEMA_OPTION)
  parseSchema(schema: string): SchemaName {
    return parseSchemaName(schema);
  }

  @Option({ flags: '--check', description: 'exit with 2 when migrations are pending' })
  parseCheck(): boolean {
    return true;
  }
}
