import { TenancyError } from './tenancy-error';

export { TenancyError, type ErrorFields } from './tenancy-error';
export {
  DirectConnectionRequiredError, IsolationViolationError, LockedError, MigrationFailedError, OutOfOrderError, RefusedStatementError, StoppedError,
  type LockHolder, type StepPlace,
} from './run-errors';

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

/** The registry says that the tenant has a schema, and its history is not there. */
export class SchemaMissingError extends TenancyError {
  readonly code = 'SCHEMA_MISSING';
  constructor(schema: string) {
    super(
      `The tenant "${schema}" is registered with a schema, but "${schema}".migrations is not there`,
      'Restore the schema from a backup; or, if the tenant is gone for good, delete its row from public.tenant_registry.',
      { schema },
    );
  }
}

/** A history that was there before lists a migration twice. */
export class DuplicateHistoryError extends TenancyError {
  readonly code = 'DUPLICATE_HISTORY';
  constructor(history: string, cause: unknown) {
    super(
      `The history ${history} lists a migration more than once`,
      `Find them, and delete the extra rows: SELECT name FROM ${history} GROUP BY name HAVING count(*) > 1.`,
      { history },
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

/** The server cannot be reached, refuses the login, or the login lacks a privilege that the command needs. */
export class DatabaseAccessError extends TenancyError {
  constructor(readonly code: 'DATABASE_UNREACHABLE' | 'LOGIN_REFUSED' | 'PRIVILEGE_MISSING' | 'POOL_EXHAUSTED', what: string, remedy: string, cause?: unknown, sqlState?: string) {
    super(what, remedy, { sqlState }, cause);
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
