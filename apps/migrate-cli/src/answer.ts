import { TenancyError } from 'tenancy-migrations';
import { ExitCode, exitCodeOf } from './exit-codes';

/** The result of a command, before anybody prints it. */
export interface Answer {
  readonly json: object;
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** The answer of a command that did what it was asked. */
export function done(json: object, text: string): Answer {
  return { json, text, exitCode: ExitCode.done };
}

/** The answer of a command that failed, with what it had applied before. */
export function failure(error: unknown, applied: readonly string[] = []): Answer {
  const document = error instanceof TenancyError
    ? error.toJSON()
    : { code: 'INTERNAL', message: messageOf(error), remedy: 'This is a bug; run again with --log-level debug and report it.' };
  const before = applied.length > 0 ? `\n${applied.length} migrations were applied before it: ${applied.join(', ')}` : '';
  return { json: { error: document, applied }, text: `${document.message}${before}`, exitCode: exitCodeOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
