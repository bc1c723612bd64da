import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import { InvalidOptionsError } from './core/errors';

/** A class of migrations or entities, or a glob of the files that hold them. */
export type ClassOrGlob<T> = (new () => T) | string;

/** One track of a product. */
export interface TrackOptions {
  /** TypeORM entities of the track: classes, or globs of their files. Default none. */
  readonly entities?: readonly (ClassOrGlob<unknown> | (abstract new (...args: never[]) => unknown))[];
  /** Migrations of the track: classes, or globs of their files. Default none. */
  readonly migrations?: readonly ClassOrGlob<MigrationInterface>[];
}

/** Each tenant's migrations run as a role of its own; or, where the login may not create roles, all as one existing NOLOGIN role. */
export type Isolation = 'role-per-tenant' | { readonly sharedRole: string };

/** What a product tells about itself; a config file exports this, all but the connection. */
export interface ProductOptions {
  readonly public: TrackOptions;
  readonly tenant: TrackOptions;
  /** PostgreSQL extensions beside `uuid-ossp`, `citext` and `pgcrypto`; `init-public` installs them into the schema `extensions`. */
  readonly extensions?: readonly string[];
  /** Default `'role-per-tenant'`. A shared role protects `public` and the histories, and does not hide tenants from each other. */
  readonly isolation?: Isolation;
  /**
   * The existing role that the application works as: it is given DML on every tenant's tables, and nothing on the registry.
   * Default: with `'role-per-tenant'` a NOLOGIN role `tm_<database oid>_runtime`, made by `init-public`, to be granted to the application's
   * login; with a shared role none.
   */
  readonly runtimeRole?: string;
}

/** Everything that {@link TenancyMigrationsModule.forRoot} and {@link openMigrator} take. */
export interface TenancyMigrationsOptions extends ProductOptions {
  /** PostgreSQL connection URL, `postgres://user:password@host:port/database`; may lead through PgBouncer in transaction mode. */
  readonly url: string;
  /** The same server without a pooler, for `transaction = false` migrations. Default: `url`. */
  readonly directUrl?: string;
  /** Connections of each of the two pools, 1 to 1000. Default 4. */
  readonly poolSize?: number;
  /** Milliseconds that a migration's statement waits for a table lock before the step is rolled back and tried again. Default 500. */
  readonly lockTimeoutMs?: number;
  /** `application_name` of every connection. Default `tenancy-migrations`. */
  readonly applicationName?: string;
  /** Who is said in the journal to have run a step. Default: the operating system's user. */
  readonly actor?: string;
  /** TypeORM's own logging of both DataSources. Default false. */
  readonly logging?: DataSourceOptions['logging'];
}

/** Options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Omit<TenancyMigrationsOptions, 'directUrl' | 'runtimeRole' | 'actor' | 'logging'>> &
  Pick<TenancyMigrationsOptions, 'directUrl' | 'runtimeRole' | 'actor' | 'logging'>
>;

/** Always there: what people expect of a tenant's schema (`uuid_generate_v4()`, `gen_random_uuid()`, `citext`). */
const DEFAULT_EXTENSIONS = ['uuid-ossp', 'citext', 'pgcrypto'];

/** Says what is wrong with a value, once or several times over. */
type Check = (value: unknown) => string | readonly string[] | undefined;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a non-empty string');
const postgresUrl: Check = (value) =>
  typeof value === 'string' && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value) ? undefined : 'must be a postgres:// URL';
const between = (low: number, high: number): Check => (value) =>
  Number.isInteger(value) && Number(value) >= low && Number(value) <= high ? undefined : `must be a whole number from ${low} to ${high}`;
const listOfText: Check = (value) => (Array.isArray(value) && value.every((item) => text(item) === undefined) ? undefined : 'must be a list of strings');
const isolation: Check = (value) =>
  value === 'role-per-tenant' || (isRecord(value) && hasOnly(value, ['sharedRole']) && text(value['sharedRole']) === undefined)
    ? undefined : `must be 'role-per-tenant' or { sharedRole: '<role>' }`;
const classesOrGlobs: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'function' || text(item) === undefined) ? undefined : 'must be a list of classes or globs';
const track: Check = (value) => {
  if (!isRecord(value)) return 'must be an object with entities and migrations';
  return problemsOf(value, { entities: classesOrGlobs, migrations: classesOrGlobs });
};

const PRODUCT_CHECKS: Readonly<Record<keyof ProductOptions, Check>> = {
  public: track, tenant: track, extensions: listOfText, isolation, runtimeRole: text,
};
const CHECKS: Readonly<Record<keyof TenancyMigrationsOptions, Check>> = {
  ...PRODUCT_CHECKS,
  url: postgresUrl, directUrl: postgresUrl, poolSize: between(1, 1000), lockTimeoutMs: between(1, 600_000), applicationName: text, actor: text,
  logging: () => undefined,
};

/**
 * Parses options once, at the edge.
 *
 * @throws InvalidOptionsError listing every problem, unknown keys too
 */
export function resolveOptions(options: TenancyMigrationsOptions): ResolvedOptions {
  requireValid(options, CHECKS, ['url', 'public', 'tenant']);
  return {
    ...options,
    extensions: [...new Set([...DEFAULT_EXTENSIONS, ...(options.extensions ?? [])])],
    isolation: options.isolation ?? 'role-per-tenant',
    poolSize: options.poolSize ?? 4,
    lockTimeoutMs: options.lockTimeoutMs ?? 500,
    applicationName: options.applicationName ?? 'tenancy-migrations',
  };
}

/**
 * Parses what a config file exports.
 *
 * @throws InvalidOptionsError listing every problem
 */
export function parseProduct(exported: unknown): ProductOptions {
  requireValid(exported, PRODUCT_CHECKS, ['public', 'tenant']);
  return exported as ProductOptions;
}

function requireValid(value: unknown, checks: Readonly<Record<string, Check>>, required: readonly string[]): void {
  if (!isRecord(value)) throw new InvalidOptionsError(['options must be an object']);
  const missing = required.filter((key) => value[key] === undefined).map((key) => `${key} is required`);
  const problems = [...missing, ...problemsOf(value, checks)];
  if (problems.length > 0) throw new InvalidOptionsError(problems);
}

function problemsOf(value: Record<string, unknown>, checks: Readonly<Record<string, Check>>): string[] {
  return Object.entries(value).flatMap(([key, given]) => {
    const check = checks[key];
    if (check === undefined) return [`${key} is not an option (known: ${Object.keys(checks).join(', ')})`];
    const problems = given === undefined ? [] : (check(given) ?? []);
    return [problems].flat().map((problem) => `${key} ${problem}`);
  });
}

function hasOnly(value: Record<string, unknown>, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
