import { Inject, Injectable } from '@nestjs/common';
import type { Command } from 'commander';
import { CommandRunner, Option } from 'nest-commander';
import { openMigrator, type Migrator } from 'tenancy-migrations';
import { failure, type Answer } from '../answer';
import { readEnvironment } from '../environment';
import { loadProduct } from '../product';
import { LOG_LEVELS, Terminal, type LogLevel } from '../terminal';
import { UsageError } from '../usage-error';

/** The options of every command. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly config?: string;
  readonly logLevel?: LogLevel;
}

/** The option that names a tenant's schema; a bad name ends here, before anything is touched. */
export const SCHEMA_OPTION = { flags: '--schema <name>', description: "the tenant's schema", required: true } as const;

/** Aborted by the first Ctrl-C. */
export const STOP_SIGNAL = Symbol('StopSignal');

/** What all commands share: options in, a migrator opened for the length of the work, one answer out. A command says what to do with it. */
@Injectable()
export abstract class MigratorCommand<Options extends CommonOptions = CommonOptions> extends CommandRunner {
  /** An example for --help. */
  protected abstract readonly example: string;

  constructor(
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(STOP_SIGNAL) protected readonly signal: AbortSignal,
  ) {
    super();
  }

  /** The work of the command. */
  protected abstract execute(migrator: Migrator, options: Options): Promise<Answer>;

  /** Refuses options that do not go together, before anything is connected to. @throws UsageError */
  protected check?(options: Options): void;

  override async run(_: string[], options: Options): Promise<void> {
    this.terminal.level = options.logLevel ?? 'info';
    const answer = await this.answer(options).catch((error: unknown) => {
      this.terminal.say('debug', error instanceof Error ? String(error.stack) : String(error));
      return failure(error);
    });
    this.terminal.answer(answer, options.json === true);
  }

  /** Commander ends the process by itself on wrong usage; here it throws, and main decides. */
  override setCommand(command: Command): this {
    command.exitOverride((error) => {
      throw error;
    });
    command.allowExcessArguments(false);
    command.addHelpText('after', () => `\nExample:\n  $ migrate-cli ${this.example}`);
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'print exactly one JSON document on stdout' })
  parseJson(): boolean {
    return true;
  }

  @Option({ flags: '--config <file>', description: "another product's tracks (default: TENANCY_CONFIG)" })
  parseConfig(file: string): string {
    return file;
  }

  @Option({ flags: '--log-level <level>', description: `what to say on stderr: ${LOG_LEVELS.join(', ')} (default: info)` })
  parseLogLevel(level: string): LogLevel {
    const known = LOG_LEVELS.find((candidate) => candidate === level);
    if (known === undefined) throw new UsageError(`--log-level ${level} is not a level`, `Choose one of ${LOG_LEVELS.join(', ')}.`);
    return known;
  }

  private async answer(options: Options): Promise<Answer> {
    this.check?.(options);
    const { databaseUrl, directDatabaseUrl, configFile } = readEnvironment(process.env);
    const product = await loadProduct(options.config ?? configFile);
    const migrator = await openMigrator({ ...product, url: databaseUrl, ...(directDatabaseUrl && { directUrl: directDatabaseUrl }) });
    migrator.events.subscribe((event) => this.terminal.tell(event));
    try {
      return await this.execute(migrator, options);
    } finally {
      await migrator.close();
    }
  }
}
