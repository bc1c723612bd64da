import { Command } from 'nest-commander';
import type { Migrator, RunOptions } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderDryRun, renderReport } from '../render';
import { ApplyCommand, type ApplyOptions } from './apply-command';

@Command({ name: 'init-public', description: 'prepare the database and bring the public track to head; once per database, safe to repeat' })
export class InitPublicCommand extends ApplyCommand {
  protected readonly example = 'init-public';

  protected override async apply(migrator: Migrator, _: ApplyOptions, run: RunOptions): Promise<Answer> {
    return renderReport(await migrator.initPublic(run));
  }

  protected override async plan(migrator: Migrator, options: ApplyOptions): Promise<Answer> {
    return renderDryRun(await migrator.dryRunInitPublic(options));
  }
}
