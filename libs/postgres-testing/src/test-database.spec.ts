import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from './test-database';

let databases: TestDatabase[];
beforeEach(() => (databases = []));
afterEach(async () => void (await Promise.all(databases.map((database) => database.drop()))));

async function create(login?: 'superuser' | 'createrole'): Promise<TestDatabase> {
  const database = await createTestDatabase({ login });
  databases.push(database);
  return database;
}

describe('a test database', () => {
  it('is empty and apart from every other', async () => {
    const [one, other] = await Promise.all([create(), create()]);
    await one.query('CREATE TABLE things (name text)');

    expect(await one.query("SELECT to_regclass('things') IS NULL AS missing")).toEqual([{ missing: false }]);
    expect(await other.query("SELECT to_regclass('things') IS NULL AS missing")).toEqual([{ missing: true }]);
    expect(await one.query('SELECT current_database() AS name, $1::int AS given', [3])).toEqual([{ name: one.name, given: 3 }]);
  });

  it('is used as the superuser by default', async () => {
    const database = await create();
    expect(database.url).toBe(database.adminUrl);
    expect(await loginOf(database)).toMatchObject({ rolsuper: true });
  });

  it('belongs to a login that may create roles and is nothing more, when asked', async () => {
    const database = await create('createrole');
    expect(await loginOf(database)).toEqual({ rolsuper: false, rolcreaterole: true, rolcreatedb: false, rolbypassrls: false, owner: true });
    expect(await database.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([{ rolsuper: true }]);
  });

  it('does not let the login in with a wrong password', async () => {
    const database = await create('createrole');
    const client = new Client({ connectionString: database.url.replace(/:[0-9a-f]+@/, ':wrong@') });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('is dropped with its sessions, its login and the roles named after it, and nothing else', async () => {
    const witness = await create();
    const database = await create('createrole');
    const client = await database.client();
    const [row] = await database.query<{ oid: string }>('SELECT oid::text FROM pg_database WHERE datname = $1', [database.name]);
    const role = `tm_${row?.oid}_7`;
    await client.query(`CREATE ROLE ${role}`);
    await client.query(`GRANT ${role} TO CURRENT_USER`);
    await client.query(`CREATE SCHEMA AUTHORIZATION ${role} CREATE TABLE things (id int)`);
    const neighbour = role.replace('_7', '0_7');
    await witness.query(`CREATE ROLE ${neighbour}`);
    await database.drop();
    await database.drop();

    const left = "SELECT count(*)::int AS count FROM pg_roles WHERE rolname = $1 OR rolname LIKE $2 || '%'";
    expect(await witness.query(left, [role, database.name])).toEqual([{ count: 0 }]);
    const known = 'SELECT count(*)::int AS count FROM pg_database WHERE datname = $1';
    expect(await witness.query(known, [database.name])).toEqual([{ count: 0 }]);
    await witness.query(`DROP ROLE ${neighbour}`);
  });

  it('is dropped while statements wait for each other', async () => {
    const database = await create();
    const [holder, waiter] = await Promise.all([database.client(), database.client()]);
    await holder.query('CREATE TABLE things (id int)');
    await holder.query('BEGIN; LOCK TABLE things');
    const waiting = Promise.allSettled([waiter.query('SELECT * FROM things'), database.query('SELECT * FROM things')]);

    await expect(database.drop()).resolves.toBeUndefined();
    await waiting;
  });
});

async function loginOf(database: TestDatabase): Promise<unknown> {
  const client = await database.client();
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, pg_database.datdba = pg_roles.oid AS owner
       FROM pg_roles, pg_database WHERE rolname = session_user AND datname = current_database()`,
  );
  return rows[0];
}
