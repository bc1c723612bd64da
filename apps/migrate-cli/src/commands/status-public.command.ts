import { Command, Option } from 'nest-commander';
import type { Migrator } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderStatus } from '../render';
import { MigratorCommand, type CommonOptions } from './migrator-command';

interface StatusPublicOptions extends CommonOptions {
  readonly check?: boolean;
}

@Command({ name: 'status-public', description: 'compare the public track with its history' })
export class StatusPublicCommand extends MigratorCommand<StatusPublicOptions> {
  protected readonly example = 'status-public --check';

  protected override async execute(migrator: Migrator, { check = false }: StatusPublicOptions): Promise<Answer> {
    return renderStatus(await migrator.statusPublic(), check);
  }

  @Option({ flags: '--check', description: 'exit with 2 when migrations are pending' })
  parseCheck(): boolean {
    return true;
  }
}
