import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { spawnScript } from './spec-child';
import { startTemporaryServer, type TemporaryServer } from './temporary-server';

let server: TemporaryServer;
beforeAll(async () => void (server = await startTemporaryServer()));
afterAll(() => server.stop());

describe('a temporary server', () => {
  it('trusts its superuser, and wants the right password of everybody else', async () => {
    await rows("CREATE ROLE tested LOGIN PASSWORD 'right'");

    await expect(rows('SELECT 1', 'tested:right')).resolves.toHaveLength(1);
    await expect(rows('SELECT 1', 'tested:wrong')).rejects.toMatchObject({ code: '28P01' });
    expect(await rows('SHOW password_encryption')).toEqual([{ password_encryption: 'scram-sha-256' }]);
  });

  it('prefers speed to safety', async () => {
    expect(
      await rows(`SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous,
        current_setting('full_page_writes') AS pages, current_setting('max_connections') AS connections`),
    ).toEqual([{ fsync: 'off', synchronous: 'off', pages: 'off', connections: '300' }]);
  });

  it('restarts with the same data at the same address', async () => {
    await rows('CREATE TABLE kept AS SELECT 42 AS answer');
    const { url, pid } = server;
    await server.restart();

    expect(server.url).toBe(url);
    expect(server.pid).not.toBe(pid);
    expect(await rows('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('restarts after it was killed', async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.restart();
    expect(await rows('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('is gone with its folder after the process that started it was killed', async () => {
    const tell = 'process.stdout.write(JSON.stringify([server.pid, server.dataFolder]))';
    const owner = spawnScript(`launcher.startTemporaryServer().then((server) => ${tell}); setInterval(() => {}, 1e6)`);
    const [line] = (await once(owner.stdout ?? owner, 'data')) as [Buffer];
    const [pid, dataFolder] = JSON.parse(line.toString()) as [number, string];
    expect(existsSync(dataFolder)).toBe(true);
    owner.kill('SIGKILL');

    await expect(eventually(() => !existsSync(dirname(dataFolder)))).resolves.toBe(true);
    expect(existsSync(`/proc/${pid}/fd/0`)).toBe(false);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const another = await startTemporaryServer();
    await another.stop();
    expect(existsSync(dirname(another.dataFolder))).toBe(false);
  });

  it('exists for known versions only', async () => {
    await expect(startTemporaryServer({ version: '9.6' })).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' });
  });
});

async function rows(sql: string, login = 'postgres'): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.url.replace('postgres@', `${login}@`) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 5_000; Date.now() < end && !condition(); ) await sleep(20);
  return condition();
}
