import { Command } from 'nest-commander';
import type { Migrator, RunOptions } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { renderDryRun, renderReport } from '../render';
import { ApplyCommand, type ApplyOptions } from './apply-command';

@Command({ name: 'upgrade-public', description: 'apply the pending migrations of the public track' })
export class UpgradePublicCommand extends ApplyCommand {
  protected readonly example = 'upgrade-public --dry-run --sql';

  protected override async apply(migrator: Migrator, _: ApplyOptions, run: RunOptions): Promise<Answer> {
    return renderReport(await migrator.upgradePublic(run));
  }

  protected override async plan(migrator: Migrator, options: ApplyOptions): Promise<Answer> {
    return renderDryRun(await migrator.dryRunUpgradePublic(options));
  }
}
