import { TenancyError } from './tenancy-error';

export { TenancyError, type ErrorFields } from './tenancy-error';

/** A schema name that is not accepted. Nothing was touched. */
export class InvalidNameError extends TenancyError {
  readonly code = 'INVALID_NAME';
  constructor(given: unknown, why: string) {
    const shown = JSON.stringify(typeof given === 'string' ? given.slice(0, 80) : typeof given);
    super(
      `${shown} cannot be a tenant's schema: ${why}`,
      'Choose lower-case letters, digits and underscores, a letter first, at most 63 characters.',
    );
  }
}

/** Options or a config file that do not make sense; every problem is listed. */
export class InvalidOptionsError extends TenancyError {
  readonly code = 'INVALID_OPTIONS';
  constructor(readonly problems: readonly string[], cause?: unknown) {
    super(`The options are not usable: ${problems.join('; ')}`, 'Correct them and run again; nothing was touched.', { problems }, cause);
  }
}

/** A value of a tenant (its name, its domain) that the registry does not take. */
export class InvalidTenantError extends TenancyError {
  readonly code = 'INVALID_TENANT';
  constructor(field: 'name' | 'domain', why: string) {
    super(`The tenant's ${field} ${why}`, 'Correct it and run again; nothing was touched.', { field });
  }
}

/** The public track is not there, or has pending migrations, and the command needs it. */
export class PublicTrackBehindError extends TenancyError {
  readonly code = 'PUBLIC_TRACK_BEHIND';
  constructor(pending: readonly string[], initialised: boolean) {
    super(
      initialised ? `The public track has ${pending.length} pending migrations` : 'This database has no public track yet',
      `Run ${initialised ? 'upgrade-public' : 'init-public'} first.`,
      { pending },
    );
  }
}

/** No tenant of that schema is registered. */
export class UnknownTenantError extends TenancyError {
  readonly code = 'UNKNOWN_TENANT';
  constructor(schema: string) {
    super(`No tenant is registered for the schema "${schema}"`, `Create it with init-tenant --schema ${schema}.`, { schema });
  }
}

/** The schema exists, but the registry does not know it: somebody else made it, and it is not ours to take. */
export class UnregisteredSchemaError extends TenancyError {
  readonly code = 'UNREGISTERED_SCHEMA';
  constructor(schema: string, cause?: unknown) {
    super(
      `The schema "${schema}" exists, but no tenant is registered for it`,
      'Choose another name, or drop or rename that schema if it is a leftover; nothing was changed.',
      { schema },
      cause,
    );
  }
}

/** The tenant's state does not allow what was asked. */
export class TenantNotActiveError extends TenancyError {
  readonly code = 'TENANT_NOT_ACTIVE';
  constructor(schema: string, status: string, remedy: string) {
    super(`The tenant "${schema}" is ${status}`, remedy, { schema, status });
  }
}

/** Another tenant has this domain. */
export class DomainTakenError extends TenancyError {
  readonly code = 'DOMAIN_TAKEN';
  constructor(domain: string, cause?: unknown) {
    super(`The domain "${domain}" belongs to another tenant`, 'Choose another domain; nothing was changed.', { domain }, cause);
  }
}

/** A registered tenant was asked for again with another domain. */
export class TenantDiffersError extends TenancyError {
  readonly code = 'TENANT_DIFFERS';
  constructor(schema: string, registered: string | null, asked: string) {
    super(
      `The tenant "${schema}" is registered with ${registered === null ? 'no domain' : `the domain "${registered}"`}, not with "${asked}"`,
      'Leave the domain out, or choose another schema; nothing was changed.',
      { schema, domain: asked },
    );
  }
}

/** An extension of the config that the server does not have. */
export class ExtensionUnavailableError extends TenancyError {
  readonly code = 'EXTENSION_UNAVAILABLE';
  constructor(extension: string, cause: unknown) {
    super(
      `The extension "${extension}" is not available on this server`,
      "Install its package on the server, or take it out of the config's extensions; nothing was changed.",
      { extension },
      cause,
    );
  }
}

/** The role that a tenant is to have is there already, and the registry does not know it. */
export class RoleExistsError extends TenancyError {
  readonly code = 'ROLE_EXISTS';
  constructor(role: string, cause: unknown) {
    super(
      `The role "${role}" exists already, left behind by an earlier database`,
      `If nothing uses it: DROP ROLE "${role}"; then run the same command again.`,
      { role },
      cause,
    );
  }
}

/** Where a step failed: enough to find the migration and the statement. */
export interface StepPlace {
  readonly schema: string;
  readonly migration: string;
  /** The failing statement, cut at 300 characters; parameters are never part of it. */
  readonly statement?: string | undefined;
}

/** A migration threw, or PostgreSQL refused one of its statements. The step was rolled back, unless it is `transaction = false`. */
export class MigrationFailedError extends TenancyError {
  readonly code = 'MIGRATION_FAILED';
  constructor(place: StepPlace, reason: string, readonly sqlState: string | undefined, cause: unknown, remedy?: string) {
    super(
      `Migration ${place.migration} failed on "${place.schema}"${sqlState ? ` with SQLSTATE ${sqlState}` : ''}: ${reason}`,
      remedy ?? 'Correct the migration or the data and run the same command again; what was applied before it stays.',
      { ...place, sqlState },
      cause,
    );
  }
}

/** A migration reached for something outside of its own schema. The step was rolled back. */
export class IsolationViolationError extends TenancyError {
  readonly code = 'ISOLATION_VIOLATION';
  constructor(place: StepPlace, readonly touched: string, sqlState?: string, cause?: unknown, remedy?: string) {
    super(
      `Migration ${place.migration} on "${place.schema}" was refused: ${touched}`,
      remedy ?? 'A tenant migration changes its own schema and nothing else; move the statement to the public track, or grant what tenants may do there.',
      { ...place, touched, sqlState },
      cause,
    );
  }
}

/** A migration sent a statement that would end its transaction, its role or its session. It was not sent. */
export class RefusedStatementError extends TenancyError {
  readonly code = 'STATEMENT_REFUSED';
  /** The message without the remedy. */
  readonly reason: string;

  constructor(readonly statement: string, why: string, remedy = 'Remove it: the transaction, the role and the session belong to the runner.') {
    const reason = `the statement «${statement}» was refused before it was sent: ${why}`;
    super(`T${reason.slice(1)}`, remedy, { statement });
    this.reason = reason;
  }
}

/** Who holds an advisory lock, as far as PostgreSQL tells. */
export interface LockHolder {
  readonly pid: number;
  readonly application: string | null;
  /** ISO 8601, the start of the holder's transaction or session. */
  readonly since: string | null;
}

/** Another runner worked on the target for longer than the caller was ready to wait. */
export class LockedError extends TenancyError {
  readonly code = 'LOCKED';
  constructor(schema: string, waitedMs: number, holder: LockHolder | undefined, cause?: unknown) {
    // A login that may not look at other sessions is told the pid only.
    const details = [holder?.application, holder?.since && `since ${holder.since}`].filter(Boolean).join(', ');
    const by = holder ? ` by pid ${holder.pid}${details && ` (${details})`}` : '';
    super(
      `"${schema}" is still locked${by} after ${waitedMs} ms`,
      'Let the other run finish and run again, or raise --lock-wait.',
      { schema, waitedMs, pid: holder?.pid, application: holder?.application, since: holder?.since },
      cause,
    );
  }
}

/** A pending migration is older than the target's revision, and the caller asked for strict order. */
export class OutOfOrderError extends TenancyError {
  readonly code = 'OUT_OF_ORDER';
  constructor(schema: string, migrations: readonly string[]) {
    super(
      `"${schema}" has pending migrations older than its revision: ${migrations.join(', ')}`,
      'Give them a later timestamp, or run without --strict-order.',
      { schema, migrations },
    );
  }
}

/** The caller asked to stop between two steps. */
export class StoppedError extends TenancyError {
  readonly code = 'STOPPED';
  constructor(schema: string, pending: readonly string[]) {
    super(`Stopped before ${pending.length} pending migrations of "${schema}"`, 'Run the same command again to go on.', { schema, pending });
  }
}

/** The server cannot be reached, refuses the login, or the login lacks a privilege that the command needs. */
export class DatabaseAccessError extends TenancyError {
  constructor(readonly code: 'DATABASE_UNREACHABLE' | 'LOGIN_REFUSED' | 'PRIVILEGE_MISSING', what: string, remedy: string, cause?: unknown, sqlState?: string) {
    super(what, remedy, { sqlState }, cause);
  }
}

/** A `transaction = false` step needs a connection of its own, and only a pooler is configured. */
export class DirectConnectionRequiredError extends TenancyError {
  readonly code = 'DIRECT_CONNECTION_REQUIRED';
  constructor(schema: string, migration: string) {
    super(
      `Migration ${migration} on "${schema}" has transaction = false, and the connection goes through a pooler`,
      'Set DIRECT_DATABASE_URL (option directUrl) to the server itself.',
      { schema, migration },
    );
  }
}

/** Somebody used the injectable `tenant` DataSource without a tenant. */
export class TenantSessionRequiredError extends TenancyError {
  readonly code = 'TENANT_SESSION_REQUIRED';
  constructor() {
    super(
      'The tenant DataSource was used outside of a tenant\'s session',
      'Let the migrator open the session; this DataSource never guesses a schema, and never reads public by accident.',
    );
  }
}
