import type { INestApplication } from '@nestjs/common';
import { createTestDatabase } from '@workspace/postgres-testing';
import { ADMIN_TOKEN, Client, initPublic, startApi } from './api-under-test';
import { NetworkLine } from './network-line';
import { Program } from './program';

type Database = Awaited<ReturnType<typeof createTestDatabase>>;

describe('health', () => {
  let database: Database;
  let line: NetworkLine;
  let app: INestApplication;
  let client: Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    line = await NetworkLine.to(database.url);
    ({ app, client } = await startApi(line.url));
  });

  afterAll(async () => {
    await app.close();
    await line.cut();
    await database.drop();
  });

  it('is live and says who it is, without a token', async () => {
    const answer = await fetch(`${client.url}/health/live`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok', service: 'tenancy-migrations-api' });
  });

  it('is not ready before init-public, and says so, without a token', async () => {
    const answer = await fetch(`${client.url}/health/ready`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ error: { code: 'PUBLIC_TRACK_BEHIND', remedy: 'Run init-public first.' } });
  });

  it('refuses tenants before init-public, and creates nothing', async () => {
    const answers = [await client.post('/tenants', { schema: 'demo' }), await client.get('/tenants'), await client.get('/tenants/demo')];
    expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual(Array(3).fill([503, 'PUBLIC_TRACK_BEHIND']));
    expect(await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'demo'`)).toEqual([]);
  });

  it('shows everything of the public track as pending before init-public', async () => {
    const { status, body } = await client.get('/migrations/public');
    expect(status).toBe(200);
    expect(body).toMatchObject({ track: 'public', schema: 'public', revision: null, upToDate: false, applied: [] });
  });

  it('is ready after init-public, without a restart', async () => {
    await initPublic(database.url);
    expect((await client.get('/health/ready')).status).toBe(200);
    expect((await client.get('/migrations/public')).body).toMatchObject({ upToDate: true, pending: [], missing: [], outOfOrder: [] });
  });

  it('is not ready while a migration of the public track is pending', async () => {
    const [row] = await database.query<{ name: string }>('SELECT name FROM public.migrations ORDER BY "timestamp" DESC LIMIT 1');
    await database.query('DELETE FROM public.migrations WHERE name = $1', [row?.name]);
    const answer = await client.get('/health/ready');
    expect([answer.status, answer.body.error.code, answer.body.error['pending']]).toEqual([503, 'PUBLIC_TRACK_BEHIND', [row?.name]]);
    await database.query(`INSERT INTO public.migrations ("timestamp", name) VALUES (1767312000001, $1)`, [row?.name]);
    expect((await client.get('/health/ready')).status).toBe(200);
  });

  it('is not ready, but live, while the database hangs', async () => {
    line.hold();
    const answer = await client.get('/health/ready');
    expect([answer.status, answer.body.error.code]).toEqual([503, 'DATABASE_UNREACHABLE']);
    expect((await client.get('/health/live')).status).toBe(200);
    line.release();
  });

  describe('of a process of its own, since to code inside of Jest an error of node:net is no instance of Error', () => {
    let program: Program;
    let remote: Client;

    beforeAll(async () => {
      program = Program.start({ DATABASE_URL: line.url, ADMIN_TOKEN, PORT: '0' });
      remote = new Client(await program.listening());
    });

    afterAll(async () => {
      await program.stop('SIGKILL');
    });

    it('answers 503 while the database cannot be reached, and works again afterwards', async () => {
      await line.cut();
      for (const path of ['/health/ready', '/tenants', '/tenants/demo', '/tenants/demo/migrations', '/migrations/public']) {
        const { status, headers, body } = await remote.get(path);
        expect([path, status, body.error.code, headers.get('retry-after')]).toEqual([path, 503, 'DATABASE_UNREACHABLE', '5']);
      }
      expect((await remote.post('/tenants', { schema: 'demo' })).body.error.code).toBe('DATABASE_UNREACHABLE');
      expect((await remote.get('/health/live')).status).toBe(200);
      await line.mend();
      expect((await remote.get('/health/ready')).status).toBe(200);
    });

    it('answers 503 when the connection is lost under a request', async () => {
      line.hold();
      const answer = remote.get('/tenants');
      await new Promise((done) => setTimeout(done, 200));
      await line.cut();
      line.release();
      await line.mend();
      expect([(await answer).status, (await answer).body.error.code]).toEqual([503, 'DATABASE_UNREACHABLE']);
    });
  });
});
