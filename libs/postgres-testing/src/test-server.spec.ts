import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestServer } from './test-server';

const whereNoDockerIs = existsSync('/var/run/docker.sock') ? it.skip : it;

describe('the server of a test run', () => {
  it('is the one of TEST_DATABASE_URL, whatever else is set', async () => {
    const server = await startTestServer({ TEST_DATABASE_URL: 'postgres://me@db.example/x', TEST_POSTGRES: 'testcontainers' });
    expect(server.url).toBe('postgres://me@db.example/x');
    await server.stop();
  });

  it('is an embedded one when that is asked for', async () => {
    const server = await startTestServer({ TEST_POSTGRES: 'embedded', POSTGRES_VERSION: '' });
    expect(server.kind).toBe('an embedded PostgreSQL 18 (TEST_POSTGRES=embedded)');
    await server.stop();
  });

  it('is not guessed from a word that means nothing', async () => {
    await expect(startTestServer({ TEST_POSTGRES: 'mysql' })).rejects.toMatchObject({ code: 'UNKNOWN_TEST_SERVER' });
  });

  whereNoDockerIs('is an embedded one, with the reason, where Docker is named but does not answer', async () => {
    expect(await startIn({ DOCKER_HOST: 'tcp://127.0.0.1:1' })).toBe('an embedded PostgreSQL 18 (no Docker engine answers)');
  });

  whereNoDockerIs('is nothing else when Testcontainers was asked for', async () => {
    expect(await startIn({ DOCKER_HOST: 'tcp://127.0.0.1:1', TEST_POSTGRES: 'testcontainers' })).toBe('CONTAINER_UNAVAILABLE');
  });
});

/** As Jest's global set-up runs: in a plain process. Resolves with the kind of server or the code of the error. */
async function startIn(environment: Readonly<Record<string, string>>): Promise<string> {
  const script = `require(${JSON.stringify(join(__dirname, 'test-server.ts'))}).startTestServer(process.env)
    .then(async (server) => { await server.stop(); return server.kind; }, (error) => error.code)
    .then((answer) => process.stdout.write(answer))`;
  const register = join(__dirname, '..', '..', '..', 'tools', 'register.js');
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment };
  return (await promisify(execFile)(process.execPath, ['-r', register, '-e', script], { env })).stdout;
}
