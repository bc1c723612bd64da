import { HttpException } from '@nestjs/common';
import { type ErrorFields, TenancyError } from 'tenancy-migrations';

/** What a failed request is answered with. */
export interface ErrorAnswer {
  readonly status: number;
  readonly error: ErrorFields & { readonly code: string; readonly message: string; readonly remedy: string };
}

/** What is the caller's doing, and what passes by itself; every other code is a 500. */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  INVALID_NAME: 400,
  INVALID_REQUEST: 400,
  INVALID_TENANT: 400,
  UNAUTHORIZED: 401,
  UNKNOWN_TENANT: 404,
  DOMAIN_TAKEN: 409,
  OUT_OF_ORDER: 409,
  ROLE_EXISTS: 409,
  TENANT_DIFFERS: 409,
  TENANT_NOT_ACTIVE: 409,
  UNREGISTERED_SCHEMA: 409,
  DATABASE_UNREACHABLE: 503,
  POOL_EXHAUSTED: 503,
  LOCKED: 503,
  LOGIN_REFUSED: 503,
  PUBLIC_TRACK_BEHIND: 503,
  STOPPED: 503,
};

/** Failures of HTTP itself, found by Nest or by its body parser before a route runs. */
const BY_STATUS: Readonly<Record<number, { readonly code: string; readonly remedy: string }>> = {
  404: { code: 'NOT_FOUND', remedy: 'See /docs for the routes.' },
  413: { code: 'BODY_TOO_LARGE', remedy: 'Send at most 64 kB.' },
  415: { code: 'UNSUPPORTED_MEDIA_TYPE', remedy: 'Send JSON in UTF-8.' },
};
const MALFORMED = { code: 'INVALID_REQUEST', remedy: 'Correct it and send it again; /docs describes every route.' };

/** The answer for whatever was thrown. An error that nobody foresaw says nothing of itself: its text may hold SQL or data. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof TenancyError) return { status: STATUS_BY_CODE[thrown.code] ?? 500, error: thrown.toJSON() };
  const status = clientErrorStatus(thrown);
  if (status === undefined || !(thrown instanceof Error)) return { status: 500, error: UNFORESEEN };
  const { code, remedy } = BY_STATUS[status] ?? MALFORMED;
  return { status, error: { code, message: `${thrown.message}. ${remedy}`, remedy } };
}

const UNFORESEEN = {
  code: 'INTERNAL',
  message: 'The API failed in a way that nobody foresaw. Look for the error in its log.',
  remedy: 'Look for the error in its log.',
};

function clientErrorStatus(thrown: unknown): number | undefined {
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOfParser(thrown);
  return status !== undefined && status >= 400 && status < 500 ? status : undefined;
}

/** Express's body parser marks what the client may read. */
function statusOfParser(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('expose' in thrown) || thrown.expose !== true) return undefined;
  return 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : undefined;
}
