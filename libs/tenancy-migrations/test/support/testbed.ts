import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { openMigrator, type Migrator, type TenancyMigrationsOptions } from 'tenancy-migrations';
import { LOCK_NAMESPACE } from '../../src/lib/postgres/locks';
import { CreateNote, type MigrationClass } from './migrations';

/** A product in short: its two lists of migrations, and any other option. */
export interface Product extends Partial<Omit<TenancyMigrationsOptions, 'public' | 'tenant'>> {
  /** Default none. */
  readonly public?: readonly (MigrationClass | string)[];
  /** Default {@link CreateNote}. */
  readonly tenant?: readonly (MigrationClass | string)[];
}

/** A database of its own for the tests of a file or of a `describe`, gone after the last of them. */
export function useTestbed(login: 'superuser' | 'createrole' = 'superuser'): Testbed {
  const testbed = new Testbed();
  beforeAll(async () => void (testbed.database = await createTestDatabase({ login })));
  afterEach(() => testbed.sendSomebodyAway());
  afterAll(() => testbed.close());
  return testbed;
}

/** A database and the migrators that a test opens on it. */
export class Testbed {
  database!: TestDatabase;
  private readonly migrators: Migrator[] = [];
  private readonly clients: Client[] = [];
  private readonly somebodies: Client[] = [];

  /** A migrator of this product on this database, closed with it. */
  async open(product: Product = {}): Promise<Migrator> {
    const migrator = await openMigrator(this.options(product));
    this.migrators.push(migrator);
    return migrator;
  }

  /** A new tenant with {@link CreateNote} alone: behind every product that has more. */
  async behind(schema: string): Promise<string> {
    await (await this.open()).initTenant({ schema });
    return schema;
  }

  /** The name of the login that the tested code has. */
  get login(): string {
    return decodeURIComponent(new URL(this.database.url).username);
  }

  options({ public: publicTrack = [], tenant = [CreateNote], ...options }: Product = {}): TenancyMigrationsOptions {
    return { url: this.database.url, public: { migrations: publicTrack }, tenant: { migrations: tenant }, ...options };
  }

  /** Rows that the superuser reads. */
  async rows(sql: string, ...parameters: unknown[]): Promise<Record<string, unknown>[]> {
    return this.database.query(sql, parameters);
  }

  /** The one value that the superuser gets from `SELECT <what>`. */
  async value(what: string, ...parameters: unknown[]): Promise<unknown> {
    return Object.values((await this.rows(`SELECT ${what}`, ...parameters))[0] ?? {})[0];
  }

  /** A tenant's row of the registry. */
  async registered(schema: string): Promise<Record<string, unknown> | undefined> {
    return (await this.rows('SELECT * FROM public.tenant_registry WHERE schema_name = $1', schema))[0];
  }

  /** The names in a history, in the order in which they were recorded. */
  async history(schema: string): Promise<unknown[]> {
    return (await this.rows(`SELECT name FROM ${schema}.migrations ORDER BY id`)).map(({ name }) => name);
  }

  /** What the journal says of a schema's steps, oldest first. */
  async journal(schema: string): Promise<Record<string, unknown>[]> {
    return this.rows('SELECT * FROM public.migration_step WHERE schema_name = $1 ORDER BY id', schema);
  }

  /** A superuser's session, `psql` by name, with a transaction open in which it has run these; until the end of the test. */
  async somebody(...statements: readonly string[]): Promise<Client> {
    const client = await this.connect(this.database.adminUrl);
    this.somebodies.push(client);
    for (const statement of ['BEGIN', ...statements]) await client.query(statement);
    return client;
  }

  async sendSomebodyAway(): Promise<void> {
    await Promise.all(this.somebodies.splice(0).map((client) => client.end()));
  }

  /** A session of somebody else that holds a registered tenant's lock until its transaction ends. */
  async lockHolder(schema: string): Promise<Client> {
    return this.somebody(`SELECT pg_advisory_xact_lock(${LOCK_NAMESPACE}, id) FROM public.tenant_registry WHERE schema_name = '${schema}'`);
  }

  /** Lets no tenant become active: its update waits for a lock until the answer is called, or the test ends. */
  async holdActivations(): Promise<() => Promise<void>> {
    await this.rows(`
      CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'`);
    await this.rows(`
      CREATE TRIGGER hold BEFORE UPDATE ON public.tenant_registry FOR EACH ROW WHEN (NEW.status = 'active') EXECUTE FUNCTION public.hold()`);
    const holder = await this.somebody('SELECT pg_advisory_xact_lock(1)');
    return async () => {
      await holder.end();
      await this.rows('DROP FUNCTION public.hold CASCADE');
    };
  }

  /** A session of a new login that is a member of the role; the login goes with the database if the role's name begins with `tm_<oid>_`. */
  async memberOf(role: string): Promise<Client> {
    await this.rows(`CREATE ROLE ${role}_login LOGIN PASSWORD 'application' IN ROLE ${role}`);
    const url = Object.assign(new URL(this.database.adminUrl), { username: `${role}_login`, password: 'application' });
    return this.connect(url.toString());
  }

  /** The process of a session of the tested code that waits for a lock, once there is one. */
  async waitingPid(): Promise<number> {
    const waiting = `min(pid) FROM pg_stat_activity
                      WHERE datname = current_database() AND application_name = 'tenancy-migrations' AND wait_event_type = 'Lock'`;
    await eventually(async () => (await this.value(waiting)) !== null);
    return Number(await this.value(waiting));
  }

  async close(): Promise<void> {
    await Promise.all([...this.migrators.map((migrator) => migrator.close()), ...this.clients.map((client) => client.end())]);
    await this.database.drop();
  }

  private async connect(url: string): Promise<Client> {
    const client = new Client({ connectionString: url, application_name: 'psql' });
    this.clients.push(client);
    await client.connect();
    return client;
  }
}

/** Resolves when the condition holds; fails when that takes too long. */
export async function eventually(condition: () => Promise<boolean>, withinMs = 5000): Promise<void> {
  for (const end = Date.now() + withinMs; !(await condition()); await sleep(10)) {
    if (Date.now() > end) throw new Error(`never came true: ${condition.toString()}`);
  }
}

/** What a call threw; fails when it did not. */
export async function failureOf<E = unknown>(call: Promise<unknown>): Promise<E> {
  return call.then((value) => { throw new Error(`it did not fail: ${String(value)}`); }, (error: E) => error);
}
