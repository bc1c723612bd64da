import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createTestDatabase } from '@workspace/postgres-testing';
import type { ProvisionedTenantDto } from '../src/tenants/tenant.dto';
import { Client, initPublic } from './api-under-test';
import { Program } from './program';

describe('the program', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  const running: Program[] = [];

  const start = (environment: Readonly<Record<string, string>>): Program => {
    const program = Program.start(environment);
    running.push(program);
    return program;
  };
  const usual = () => ({ DATABASE_URL: database.url, ADMIN_TOKEN: 'secret-of-the-administrators', PORT: '0' });

  beforeAll(async () => {
    database = await createTestDatabase();
    await initPublic(database.url);
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
  });

  afterAll(async () => {
    await database.drop();
  });

  it('says in one line where it answers, and ends when it is told to', async () => {
    const program = start(usual());
    const url = await program.listening();
    expect(program.stdout).toBe(`The API answers at ${url} (documentation: ${url}/docs)\n`);
    expect(program.stderr).toBe('');
    expect((await new Client(url, 'secret-of-the-administrators').get('/tenants')).status).toBe(200);
    expect(await program.stop('SIGTERM')).toBe('SIGTERM');
    expect(program.stderr).toBe('');
  });

  it('finishes a provisioning in hand before it ends, so that no key is lost', async () => {
    const program = start(usual());
    const client = new Client(await program.listening(), 'secret-of-the-administrators');
    const answer = client.post<ProvisionedTenantDto>('/tenants', { schema: 'last_one' });
    await untilRegistered('last_one');
    const ended = program.stop('SIGTERM');
    expect([(await answer).status, (await answer).body.apiKey]).toEqual([201, expect.stringMatching(/^tmk_/)]);
    expect(await ended).toBe('SIGTERM');
  });

  it('does not stay alive for clients that go on asking', async () => {
    const program = start(usual());
    const client = new Client(await program.listening(), 'secret-of-the-administrators');
    const ask = async (): Promise<void> => {
      while (await client.get('/tenants').then(() => true, () => false));
    };
    const clients = Promise.all(Array.from({ length: 8 }, ask));
    await new Promise((done) => setTimeout(done, 200));
    const told = Date.now();
    expect(await program.stop('SIGTERM')).toBe('SIGTERM');
    expect(Date.now() - told).toBeLessThan(2_000);
    await clients;
  });

  it('never writes a key or a token to its log', async () => {
    const program = start(usual());
    const client = new Client(await program.listening(), 'secret-of-the-administrators');
    const { status, body } = await client.post<ProvisionedTenantDto>('/tenants', { schema: 'discreet' });
    expect(status).toBe(201);
    await client.post('/tenants', '{"schema":');
    await client.post('/tenants', { schema: 'Bad' });
    await program.stop();
    expect(`${program.stdout}${program.stderr}`).not.toContain(body.apiKey);
    expect(`${program.stdout}${program.stderr}`).not.toContain('secret-of-the-administrators');
  });

  it('makes up a token when there is none, and says it once, on the terminal', async () => {
    const program = start({ DATABASE_URL: database.url, PORT: '0', ADMIN_TOKEN: '' });
    const url = await program.listening();
    await new Promise((done) => setTimeout(done, 50));
    const [token = '', ...more] = program.stderr.match(/tma_[\w-]{43}/g) ?? [];
    expect([more, program.stdout.includes(token)]).toEqual([[], false]);
    expect((await new Client(url, token).get('/tenants')).status).toBe(200);
    expect((await new Client(url, '').get('/tenants')).status).toBe(401);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['no DATABASE_URL', {}, /DATABASE_URL is not set.*npm start/],
    ['a DATABASE_URL of another kind', { DATABASE_URL: 'mysql://root:hidden@localhost/x' }, /^DATABASE_URL is not a URL of the form postgres:/],
    ['no ADMIN_TOKEN in production', { DATABASE_URL: 'postgres://localhost/x', NODE_ENV: 'production' }, /ADMIN_TOKEN is not set, and NODE_ENV=production/],
    ['a PORT that is none', { DATABASE_URL: 'postgres://localhost/x', PORT: '65536' }, /PORT is not a whole number/],
  ])('exits 64 on %s, in one line', async (_, environment, message) => {
    const program = start(environment);
    expect(await program.ended()).toBe(64);
    expect(program.stderr).toMatch(message);
    expect([program.stderr.split('\n').length, program.stderr.includes('hidden'), program.stdout]).toEqual([2, false, '']);
  });

  it.each<[string, (url: URL) => Partial<URL>, RegExp]>([
    ['the server is down', () => ({ port: '1' }), /cannot be reached \(ECONNREFUSED\)\. Start it/],
    ['the login is refused', () => ({ username: 'nobody_here', password: 'hidden' }), /PostgreSQL refused the (login|password)\. Check the user/],
    ['the database is not there', () => ({ pathname: '/not_there' }), /The database does not exist\. Create it/],
  ])('exits 1 when %s: one message, no stack, no secret', async (_, changes, message) => {
    const url = new URL(database.url);
    Object.assign(url, changes(url));
    const program = start({ ...usual(), DATABASE_URL: url.toString() });
    expect(await program.ended()).toBe(1);
    expect(program.stderr).toMatch(message);
    expect(program.stderr.trim().split('\n')).toHaveLength(1);
    expect(program.stderr).not.toMatch(/hidden|postgres:\/\/|\n {4}at /);
    expect(program.stdout).toBe('');
  });

  describe('when the port is taken', () => {
    it('by the API itself, says so and exits 0', async () => {
      const url = await start(usual()).listening();
      const second = start({ ...usual(), PORT: new URL(url).port, ADMIN_TOKEN: '' });
      expect(await second.ended()).toBe(0);
      expect(second.stdout).toContain(`The API is running already at ${url}`);
      expect(second.stderr).toBe('');
    });

    it.each<[string, () => Server]>([
      ['another web server', () => createHttpServer((_, response) => response.end('{"status":"ok"}'))],
      ['a program that refuses HTTP', () => createServer((socket) => socket.end('no\n'))],
      ['a program that never answers', () => createServer()],
    ])('by %s, names PORT and exits 1', async (_, create) => {
      const stranger = create().listen(0, '127.0.0.1');
      await once(stranger, 'listening');
      const { port } = stranger.address() as AddressInfo;
      const program = start({ ...usual(), PORT: String(port) });
      expect(await program.ended()).toBe(1);
      expect(program.stderr).toBe(`Port ${port} on 127.0.0.1 belongs to another program. Set PORT to a free one, or stop that program.\n`);
      expect(program.stdout).toBe('');
      stranger.close();
    });

    it('exits 1 on a HOST that is not of this machine', async () => {
      const program = start({ ...usual(), HOST: '192.0.2.1' });
      expect(await program.ended()).toBe(1);
      expect(program.stderr).toBe('The API cannot listen on 192.0.2.1, port 0 (EADDRNOTAVAIL). Correct HOST or PORT.\n');
    });
  });

  async function untilRegistered(schema: string): Promise<void> {
    while ((await database.query('SELECT 1 FROM public.tenant_registry WHERE schema_name = $1', [schema])).length === 0) {
      await new Promise((done) => setTimeout(done, 2));
    }
  }
});
