import { Option } from 'nest-commander';
import type { Migrator, RunOptions } from 'tenancy-migrations';
import type { Answer } from '../answer';
import { UsageError } from '../usage-error';
import { MigratorCommand, type CommonOptions } from './migrator-command';

/** The options of the commands that apply migrations. */
export interface ApplyOptions extends CommonOptions {
  readonly lockWait?: number;
  readonly strictOrder?: boolean;
  readonly dryRun?: boolean;
  readonly sql?: boolean;
}

/** A command that applies migrations, or says what it would apply. */
export abstract class ApplyCommand<Options extends ApplyOptions = ApplyOptions> extends MigratorCommand<Options> {
  protected abstract apply(migrator: Migrator, options: Options, run: RunOptions): Promise<Answer>;
  protected abstract plan(migrator: Migrator, options: Options): Promise<Answer>;

  protected override check(options: Options): void {
    if (options.sql && !options.dryRun) throw new UsageError('--sql goes with --dry-run', 'Add --dry-run, or leave --sql out.');
  }

  protected override async execute(migrator: Migrator, options: Options): Promise<Answer> {
    if (options.dryRun) return this.plan(migrator, options);
    return this.apply(migrator, options, { lockWaitMs: options.lockWait, strictOrder: options.strictOrder, signal: this.signal });
  }

  @Option({ flags: '--dry-run', description: 'print the plan and change nothing' })
  parseDryRun(): boolean {
    return true;
  }

  @Option({ flags: '--sql', description: 'with --dry-run: record the SQL too, in a transaction that is rolled back' })
  parseSql(): boolean {
    return true;
  }

  @Option({ flags: '--strict-order', description: 'refuse pending migrations that are older than the revision' })
  parseStrictOrder(): boolean {
    return true;
  }

  @Option({ flags: '--lock-wait <seconds>', description: 'how long to wait for another run (default: 30)' })
  parseLockWait(seconds: string): number {
    if (!/^\d{1,5}(\.\d+)?$/.test(seconds)) throw new UsageError(`--lock-wait ${seconds} is not a number of seconds`, 'Give a number, such as 30.');
    return Number(seconds) * 1000;
  }
}
