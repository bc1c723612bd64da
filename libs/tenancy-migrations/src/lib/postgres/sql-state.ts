import { types } from 'node:util';

/** The SQLSTATE of an error from pg, or of the one that TypeORM wrapped. Decisions rest on it, never on the text of a message. */
export function sqlStateOf(error: unknown): string | undefined {
  const driverError = driverErrorOf(error);
  const code = driverError?.code;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The innermost error that the driver raised, whatever wrapped it. */
export function driverErrorOf(error: unknown): (Error & { code?: unknown; constraint?: unknown }) | undefined {
  if (!isError(error)) return undefined;
  const inner = (error as { driverError?: unknown }).driverError;
  return isError(inner) ? inner : error;
}

/** By its looks: an error of Node's own is no `instanceof Error` where tests run in a realm of their own, as Jest's do. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** The codes that the library decides on. Source: PostgreSQL's appendix A, error codes. */
export const SqlState = {
  uniqueViolation: '23505',
  insufficientPrivilege: '42501',
  undefinedTable: '42P01',
  duplicateTable: '42P07',
  duplicateSchema: '42P06',
  duplicateObject: '42710',
  lockNotAvailable: '55P03',
  deadlockDetected: '40P01',
  serializationFailure: '40001',
  featureNotSupported: '0A000',
  activeTransaction: '25001',
  inFailedTransaction: '25P02',
} as const;

const TRANSIENT: readonly string[] = [SqlState.lockNotAvailable, SqlState.deadlockDetected, SqlState.serializationFailure];

/** Does it help to roll back, wait a little and try again? */
export function isTransient(error: unknown): boolean {
  return TRANSIENT.includes(sqlStateOf(error) ?? '');
}
