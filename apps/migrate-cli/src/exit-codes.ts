import { TenancyError } from 'tenancy-migrations';

/** What the program's exit code says. */
export const ExitCode = { done: 0, failed: 1, pending: 2, locked: 5, usage: 64, stopped: 130 } as const;

/** One of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const BY_ERROR: Readonly<Record<string, ExitCode>> = {
  USAGE: ExitCode.usage,
  INVALID_NAME: ExitCode.usage,
  INVALID_OPTIONS: ExitCode.usage,
  INVALID_TENANT: ExitCode.usage,
  LOCKED: ExitCode.locked,
  STOPPED: ExitCode.stopped,
};

/** The exit code for a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof TenancyError ? BY_ERROR[error.code] : undefined) ?? ExitCode.failed;
}
