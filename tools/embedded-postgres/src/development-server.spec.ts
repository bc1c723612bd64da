import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { type DevelopmentServer, ensureDevelopmentServer, findDevelopmentServer, stopDevelopmentServer } from './development-server';
import { StartFailedError } from './errors';
import { makeCheckout, removeCheckout } from './spec-checkout';
import { evaluate } from './spec-child';

const workspaceRoot = makeCheckout();
const ensure = () => ensureDevelopmentServer({ workspaceRoot });
const stop = () => stopDevelopmentServer({ workspaceRoot });
afterAll(() => removeCheckout(workspaceRoot));

describe('the development server', () => {
  it('is made and started once, when two commands ask at the same time in a locale that is not installed', async () => {
    const ask = () => evaluate<DevelopmentServer>(`launcher.ensureDevelopmentServer(${JSON.stringify({ workspaceRoot })})`, {
      env: { LANG: 'tlh_QO.UTF-8', LC_ALL: 'tlh_QO.UTF-8' },
    });
    const [one, other] = await Promise.all([ask(), ask()]);

    expect({ ...one, started: 0 }).toEqual({ ...other, started: 0 });
    expect([one?.started, other?.started].sort()).toEqual([false, true]);
    expect(readdirSync(join(workspaceRoot, '.postgres', '18')).sort()).toEqual(['data', 'server.log']);
    expect(await rows('SHOW lc_messages')).toEqual([{ lc_messages: 'C' }]);
  });

  it('survives the command, and is found again in milliseconds', async () => {
    const began = performance.now();
    const server = await ensure();

    expect(performance.now() - began).toBeLessThan(250);
    expect(server).toEqual({ ...(await findDevelopmentServer({ workspaceRoot })), started: false });
    expect(server.url).toBe(`postgres://postgres@127.0.0.1:${server.port}/tenancy`);
  });

  it('keeps what is committed, has room for many locks, and listens on 127.0.0.1 only', async () => {
    expect(
      await rows(`SELECT current_setting('fsync') AS fsync, current_setting('max_connections') AS connections,
        current_setting('max_locks_per_transaction') AS locks, current_setting('listen_addresses') AS addresses,
        current_setting('unix_socket_directories') AS sockets`),
    ).toEqual([{ fsync: 'on', connections: '200', locks: '256', addresses: '127.0.0.1', sockets: '' }]);
  });

  it('keeps its data and its port over a stop and a start', async () => {
    const before = await ensure();
    await rows('CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await stop()).toBe(true);
    expect(await findDevelopmentServer({ workspaceRoot })).toBeUndefined();
    const after = await ensure();

    expect(after).toEqual({ ...before, pid: after.pid, started: true });
    expect(await rows('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('takes another port when its own is taken', async () => {
    const { port } = await ensure();
    await stop();
    const intruder = createServer().listen(port, '127.0.0.1');
    await once(intruder, 'listening');
    try {
      expect((await ensure()).port).not.toBe(port);
    } finally {
      intruder.close();
    }
  });

  it('makes its database again when somebody dropped it', async () => {
    await rows('DROP DATABASE tenancy', 'postgres');
    await ensure();
    expect(await rows('SELECT current_database() AS name')).toEqual([{ name: 'tenancy' }]);
  });

  it('starts again after kill -9', async () => {
    const killed = await ensure();
    process.kill(killed.pid, 'SIGKILL');
    const server = await ensure();

    expect(server.started).toBe(true);
    expect(server.pid).not.toBe(killed.pid);
  });

  it('is not confused by a postmaster.pid whose number now belongs to another program', async () => {
    const { dataFolder } = await ensure();
    const leftOver = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').replace(/^\d+/, String(process.pid));
    await stop();
    writeFileSync(join(dataFolder, 'postmaster.pid'), leftOver);

    expect(await findDevelopmentServer({ workspaceRoot })).toBeUndefined();
    expect((await ensure()).started).toBe(true);
  });

  it('says that there is nothing to stop', async () => {
    await stop();
    expect(await stop()).toBe(false);
  });

  it('shows the end of its log when it cannot start', async () => {
    const settings = join((await ensure()).dataFolder, 'postgresql.auto.conf');
    await stop();
    appendFileSync(settings, 'no_such_setting = 1\n');
    const failure = await ensure().catch((error: unknown) => error);
    writeFileSync(settings, '');

    expect(failure).toBeInstanceOf(StartFailedError);
    expect((failure as StartFailedError).message).toContain('no_such_setting');
    expect((failure as StartFailedError).remedy).toContain('DATABASE_URL');
  });

  it('deletes what a killed command left of an unfinished data folder', async () => {
    const { dataFolder } = await ensure();
    await stop();
    rmSync(dataFolder, { recursive: true });
    // Above any pid that Linux gives.
    writeFileSync(`${dataFolder}.99999999.0`, '');
    await ensure();

    expect(existsSync(`${dataFolder}.99999999.0`)).toBe(false);
  });
});

async function rows(sql: string, database = 'tenancy'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: (await ensure()).url.replace(/tenancy$/, database) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
