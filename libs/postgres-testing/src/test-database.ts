import { randomBytes } from 'node:crypto';
import { Client, Pool, type QueryResultRow } from 'pg';
import { NoTestServerError } from './errors';

/** Which login the tested code gets. */
export interface TestDatabaseOptions {
  /**
   * `superuser`: the server's own. `createrole`: a new login with a password that owns the database and may create roles,
   * and is nothing more. Default: `superuser`.
   */
  readonly login?: 'superuser' | 'createrole' | undefined;
}

interface Login {
  readonly name: string;
  readonly password: string;
}

/** Tells `query`'s own connections from those of the tested code, in pg_stat_activity. */
export const APPLICATION_NAME = 'postgres-testing';
/** A role dropped is a lock held until the statement ends. */
const ROLES_AT_ONCE = 500;

/**
 * A fresh, empty database on the server of the test run, for one test file or one test.
 * @throws NoTestServerError outside of a test run
 */
export async function createTestDatabase({ login = 'superuser' }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_SERVER_URL'];
  if (!serverUrl) throw new NoTestServerError();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const owner = login === 'createrole' ? { name: `${name}_login`, password: randomBytes(12).toString('hex') } : undefined;
  await withClient(serverUrl, async (server) => {
    if (owner) await server.query(`CREATE ROLE ${owner.name} LOGIN PASSWORD '${owner.password}' CREATEROLE NOSUPERUSER`);
    await server.query(`CREATE DATABASE ${name} ${owner ? `OWNER ${owner.name}` : ''}`);
  });
  return new TestDatabase(name, serverUrl, owner);
}

/** A database of its own for a test, and the superuser's way into it. */
export class TestDatabase {
  /** For the tested code: the login that was asked for. */
  readonly url: string;
  /** The superuser's, whatever the login. */
  readonly adminUrl: string;
  private readonly pool: Pool;
  private readonly clients: Client[] = [];

  constructor(readonly name: string, private readonly serverUrl: string, private readonly owner: Login | undefined) {
    this.adminUrl = urlOf(serverUrl, name);
    this.url = urlOf(serverUrl, name, owner);
    this.pool = new Pool({ connectionString: this.adminUrl, application_name: APPLICATION_NAME, max: 4, allowExitOnIdle: true });
    this.pool.on('error', ignore);
  }

  /** The rows of one statement that the superuser runs in this database, on any of a few connections. */
  async query<Row extends QueryResultRow = Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, [...parameters])).rows;
  }

  /** A connected client of `url`'s login; `drop` ends it if nobody has. */
  async client(): Promise<Client> {
    const client = new Client({ connectionString: this.url });
    client.on('error', ignore);
    this.clients.push(client);
    await client.connect();
    return client;
  }

  /** Ends every connection to the database and removes it, with its login and the roles `tm_<oid of the database>_...`. */
  async drop(): Promise<void> {
    await Promise.allSettled(this.clients.splice(0).map((client) => client.end()));
    // Not waited for first: a statement of the pool may wait for a lock, and FORCE ends it.
    const ended = this.pool.ending ? undefined : this.pool.end();
    await withClient(this.serverUrl, async (server) => {
      const roles = await rolesOf(this.name, server);
      // First, because roles that own nothing any more can simply be dropped.
      await server.query(`DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
      await dropRoles(this.owner ? [...roles, this.owner.name] : roles, server);
    });
    await ended;
  }
}

async function rolesOf(database: string, server: Client): Promise<string[]> {
  const { rows } = await server.query<{ name: string }>(
    String.raw`SELECT rolname AS name FROM pg_roles, pg_database WHERE datname = $1 AND rolname LIKE 'tm\_' || pg_database.oid || '\_%'`,
    [database],
  );
  return rows.map(({ name }) => name);
}

/** In order: a login that created roles can go only after them. */
async function dropRoles(names: readonly string[], server: Client): Promise<void> {
  for (let at = 0; at < names.length; at += ROLES_AT_ONCE) {
    const some = names.slice(at, at + ROLES_AT_ONCE).map((name) => server.escapeIdentifier(name));
    await server.query(`DROP ROLE IF EXISTS ${some.join(', ')}`);
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: APPLICATION_NAME });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(serverUrl: string, database: string, login?: Login): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  if (login) Object.assign(url, { username: login.name, password: login.password });
  return url.toString();
}

/** A test may end sessions on purpose; the next statement tells. */
function ignore(): void {}
