import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { startTemporaryServer } from '@workspace/embedded-postgres';
import { Client } from 'pg';
import { openMigrator, type DatabaseAccessError } from 'tenancy-migrations';
import { migration } from './support/migrations';
import { eventually, failureOf, useTestbed } from './support/testbed';

const SECRET = 'hunter2-do-not-tell';
const testbed = useTestbed('createrole');

/** The database's URL with other parts. */
const urlWith = (parts: Partial<Pick<URL, 'username' | 'password' | 'port' | 'pathname' | 'hostname'>>): string =>
  Object.assign(new URL(testbed.database.url), { password: SECRET }, parts).toString();
const refusalOf = (url: string): Promise<DatabaseAccessError> => failureOf(openMigrator({ ...testbed.options(), url }));

describe('a server that cannot be used', () => {
  it.each<[string, () => Promise<string>, string, RegExp, string | undefined]>([
    ['a closed port', async () => urlWith({ port: String(await freePort()) }),
      'DATABASE_UNREACHABLE', /ECONNREFUSED.*Start it, or correct the host and the port/, undefined],
    ['an unknown host', async () => urlWith({ hostname: 'no-such-host.invalid' }),
      'DATABASE_UNREACHABLE', /correct the host and the port/, undefined],
    ['a wrong password', async () => urlWith({}), 'LOGIN_REFUSED', /refused the password.*Check the user and the password/, '28P01'],
    ['an unknown login', async () => urlWith({ username: 'nobody_at_all' }), 'LOGIN_REFUSED', /Check the user/, '28P01'],
    ['an unknown database', async () => Object.assign(new URL(testbed.database.url), { pathname: '/no_such_database' }).toString(),
      'DATABASE_UNREACHABLE', /does not exist.*Create it, or correct its name/, '3D000'],
  ])('because of %s is said so, with what to do', async (_, url, code, message, sqlState) => {
    const error = await refusalOf(await url());
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), fields: { sqlState } });
    expect(error.remedy).not.toBe('');
  });

  it('does not have its password told by any error', async () => {
    for (const parts of [{ port: String(await freePort()) }, {}, { pathname: '/no_such_database' }, { username: 'nobody_at_all' }]) {
      const error = await refusalOf(urlWith(parts));
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.stack)} ${String(error.cause)}`).not.toContain(SECRET);
    }
  });

  it('that starts up or shuts down asks for a moment of patience', async () => {
    const server = await startTemporaryServer({ version: process.env['POSTGRES_VERSION'] || undefined });
    const client = new Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    // A smart shutdown: sessions may finish, and nobody else comes in.
    process.kill(server.pid, 'SIGTERM');
    const shuttingDown = (): Promise<DatabaseAccessError> => refusalOf(server.url);
    await eventually(async () => (await shuttingDown()).fields['sqlState'] === '57P03');
    expect(await shuttingDown()).toMatchObject({ code: 'DATABASE_UNREACHABLE', remedy: expect.stringContaining('Wait a moment') });
    await client.end();
    await server.stop();
    expect(existsSync(server.dataFolder)).toBe(false);
  });

  it('goes away in the middle of a step: the report says so, and what it does not know it does not say', async () => {
    const server = await startTemporaryServer({ version: process.env['POSTGRES_VERSION'] || undefined });
    const migrator = await openMigrator({ ...testbed.options({ tenant: [migration('Slow', 1, 'SELECT pg_sleep(20)')] }), url: server.url });
    await migrator.initPublic();
    migrator.events.subscribe(({ type }) => {
      if (type === 'step-started') setTimeout(() => process.kill(server.pid, 'SIGQUIT'), 100);
    });
    expect(await migrator.initTenant({ schema: 'demo' })).toMatchObject({ applied: [], revision: null, error: { code: 'DATABASE_UNREACHABLE' } });
    await migrator.close();
    await server.stop();
  });
});

describe('a failed start', () => {
  class Nameless {
    async up(): Promise<void> {}
    async down(): Promise<void> {}
  }

  it.each([
    ['a wrong password', () => ({ url: urlWith({}) })],
    ['a migration without a timestamp', () => ({ tenant: { migrations: [Nameless] } })],
    ['a migration that occurs twice', () => ({ tenant: { migrations: [migration('Twin', 1), migration('Twin', 1)] } })],
    ['a glob that finds nothing', () => ({ tenant: { migrations: ['no/such/folder/*.js'] } })],
  ])('because of %s leaves no connection open', async (why, options) => {
    const applicationName = `start that fails: ${why}`;
    await failureOf(openMigrator({ ...testbed.options(), applicationName, ...options() }));
    const connections = (): Promise<unknown> => testbed.value('count(*)::int FROM pg_stat_activity WHERE application_name = $1', applicationName);
    await eventually(async () => (await connections()) === 0, 1000);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
