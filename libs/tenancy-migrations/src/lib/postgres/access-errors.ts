import { DatabaseAccessError } from '../core/errors';
import { driverErrorOf, sqlStateOf } from './sql-state';

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'EPIPE']);

/** What to do, by SQLSTATE or its class: the server answered, and will not let us in. */
const REFUSED: Readonly<Record<string, readonly [code: 'LOGIN_REFUSED' | 'DATABASE_UNREACHABLE', what: string, remedy: string]>> = {
  '28P01': ['LOGIN_REFUSED', 'PostgreSQL refused the password', 'Check the user and the password in DATABASE_URL.'],
  '28000': ['LOGIN_REFUSED', 'PostgreSQL refused the login', 'Check the user in DATABASE_URL, and pg_hba.conf on the server.'],
  '3D000': ['DATABASE_UNREACHABLE', 'The database does not exist', 'Create it, or correct its name in DATABASE_URL.'],
  '53300': ['DATABASE_UNREACHABLE', 'PostgreSQL has no free connection', 'Raise max_connections, or lower poolSize.'],
  '57P01': ['DATABASE_UNREACHABLE', 'PostgreSQL ended the connection', 'Run the same command again; nothing is half-made.'],
  '57P02': ['DATABASE_UNREACHABLE', 'PostgreSQL crashed', 'Run the same command again when it is back; nothing is half-made.'],
  '57P03': ['DATABASE_UNREACHABLE', 'PostgreSQL is starting up or shutting down', 'Wait a moment and run the same command again.'],
};

/**
 * Says why the database cannot be used, in one message without secrets; undefined when the error is about something else.
 * The password itself never appears: neither pg's errors nor this text carry it.
 */
export function accessError(error: unknown): DatabaseAccessError | undefined {
  if (error instanceof DatabaseAccessError) return error;
  const sqlState = sqlStateOf(error);
  const refused = REFUSED[sqlState ?? ''];
  if (refused) return new DatabaseAccessError(refused[0], refused[1], refused[2], error, sqlState);
  const driverError = driverErrorOf(error);
  return driverError && isNetworkFailure(driverError) ? connectionLost(driverError) : undefined;
}

/** For the caller who knows that the connection is gone, or never came: pg gives such errors no code of their own. */
export function connectionLost(error: unknown): DatabaseAccessError {
  if (error instanceof DatabaseAccessError) return error;
  const known = REFUSED[sqlStateOf(error) ?? ''] && accessError(error);
  return known || unreachable(driverErrorOf(error) ?? new Error(String(error)));
}

/** Every connection of a pool is at work. */
export function poolExhausted(size: number, cause: unknown): DatabaseAccessError {
  return new DatabaseAccessError('POOL_EXHAUSTED', `All ${size} connections of the pool are at work`, 'Try again, or raise poolSize.', cause);
}

/** The login may not do what the engine needs. */
export function privilegeMissing(what: string, remedy: string, cause?: unknown): DatabaseAccessError {
  return new DatabaseAccessError('PRIVILEGE_MISSING', what, remedy, cause, sqlStateOf(cause));
}

function unreachable(error: Error & { address?: unknown; port?: unknown; hostname?: unknown }): DatabaseAccessError {
  const host = error.address ?? error.hostname;
  const where = host === undefined ? '' : ` at ${String(host)}${error.port === undefined ? '' : `:${String(error.port)}`}`;
  return new DatabaseAccessError(
    'DATABASE_UNREACHABLE',
    `PostgreSQL${where} cannot be reached (${describe(error)})`,
    'Start it, or correct the host and the port in DATABASE_URL.',
    error,
  );
}

function isNetworkFailure(error: Error & { code?: unknown; errors?: unknown }): boolean {
  if (Array.isArray(error.errors)) return error.errors.some((inner) => inner instanceof Error && isNetworkFailure(inner));
  return UNREACHABLE.has(String(error.code));
}

function describe(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.message;
}
