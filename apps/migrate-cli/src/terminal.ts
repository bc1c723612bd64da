import { Injectable } from '@nestjs/common';
import type { TenancyEvent } from 'tenancy-migrations';
import { ExitCode } from './exit-codes';
import type { Answer } from './answer';

/** How much is said on stderr. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The result goes to stdout, everything else to stderr; what the program ends with is kept for main. */
@Injectable()
export class Terminal {
  exitCode: ExitCode = ExitCode.done;
  level: LogLevel = 'info';
  /** The migrations that this process has applied so far. */
  readonly applied: string[] = [];

  /** Prints a command's answer, as the one JSON document on stdout or as text. A failure's text is for stderr. */
  answer(answer: Answer, json: boolean): void {
    this.exitCode = answer.exitCode;
    const failed = answer.exitCode !== ExitCode.done && answer.exitCode !== ExitCode.pending;
    if (json) process.stdout.write(`${JSON.stringify(answer.json)}\n`);
    else if (failed) process.stderr.write(`${answer.text}\n`);
    else process.stdout.write(`${answer.text}\n`);
  }

  /** Says something on stderr, at or above the level that was asked for. */
  say(level: Exclude<LogLevel, 'silent'>, line: string): void {
    if (LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(this.level)) process.stderr.write(`${line}\n`);
  }

  /** Tells an event of a run as a line. */
  tell(event: TenancyEvent): void {
    if (event.type === 'step-applied') this.applied.push(event.migration);
    const line = lineOf(event);
    if (line) this.say(line[0], line[1]);
    this.say('debug', JSON.stringify(event));
  }
}

function lineOf(event: TenancyEvent): readonly [Exclude<LogLevel, 'silent'>, string] | undefined {
  switch (event.type) {
    case 'plan':
      return event.warnings.length > 0 ? ['warn', event.warnings.map((warning) => `warning: ${warning}`).join('\n')] : undefined;
    case 'step-applied':
      return ['info', `${event.schema}: ${event.migration} applied (${Math.round(event.durationMs)} ms)`];
    case 'step-skipped':
      return ['info', `${event.schema}: ${event.migration} was ${event.reason}`];
    case 'step-retried':
      return ['warn', `${event.schema}: ${event.migration} is tried again in ${event.delayMs} ms (SQLSTATE ${event.sqlState})`];
    case 'lock-waiting':
      return ['info', `${event.schema}: waiting for another run`];
    case 'journal-failed':
      return ['warn', `${event.schema}: the failure could not be written to the journal: ${String(event.error)}`];
    case 'tenant-registered':
      return ['info', `${event.schema}: registered`];
    case 'tenant-activated':
      return ['info', `${event.schema}: active`];
    default:
      return undefined;
  }
}
