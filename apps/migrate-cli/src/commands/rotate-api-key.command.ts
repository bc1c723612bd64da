import { Command, Option } from 'nest-commander';
import { parseSchemaName, type Migrator, type SchemaName } from 'tenancy-migrations';
import { done, type Answer } from '../answer';
import { MigratorCommand, SCHEMA_OPTION, type CommonOptions } from './migrator-command';

interface RotateApiKeyOptions extends CommonOptions {
  readonly schema: string;
}

@Command({ name: 'rotate-api-key', description: 'give a tenant a new API key, printed once; the old one ends at once' })
export class RotateApiKeyCommand extends MigratorCommand<RotateApiKeyOptions> {
  protected readonly example = 'rotate-api-key --schema demo';

  protected override async execute(migrator: Migrator, { schema }: RotateApiKeyOptions): Promise<Answer> {
    const apiKey = await migrator.rotateApiKey(schema);
    return done({ schema, apiKey }, `${schema}: new API key, shown this once: ${apiKey}`);
  }

  @Option(SCHEMA_OPTION)
  parseSchema(schema: string): SchemaName {
    return parseSchemaName(schema);
  }
}
