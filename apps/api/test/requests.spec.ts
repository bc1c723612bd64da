import type { INestApplication } from '@nestjs/common';
import { createTestDatabase } from '@workspace/postgres-testing';
import { type Client, initPublic, startApi } from './api-under-test';

describe('requests that are not right', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let app: INestApplication;
  let client: Client;

  /** Everything that a birth would add to. */
  const existing = async () => database.query(
    `SELECT (SELECT count(*) FROM public.tenant_registry) AS tenants, (SELECT count(*) FROM pg_namespace) AS schemas,
            (SELECT last_value FROM pg_sequences WHERE sequencename = 'tenant_registry_id_seq') AS last_id,
            (SELECT count(*) FROM pg_roles, pg_database WHERE datname = current_database() AND rolname LIKE 'tm_' || pg_database.oid || '_%') AS roles`,
  );

  beforeAll(async () => {
    database = await createTestDatabase();
    await initPublic(database.url);
    ({ app, client } = await startApi(database.url));
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const badNames = [
    'Demo', 'a-b', 'x"; DROP SCHEMA public; --', "x'; DROP SCHEMA public; --", 'pg_evil', 'public', 'information_schema', 'extensions', 'tm_1_2', 'archived_demo',
    'a'.repeat(64), '', ' ', ' demo', 'demo ', 'demo\n', '1demo', '_demo', 'démo', 'ｄｅｍｏ', '🦊', 'a\u0000b', '\ud800', '../demo', 'a.b', '%64emo',
    '__proto__', '$(id)',
  ];

  it.each(badNames)('answers 400 for the name %j, and creates nothing', async (schema) => {
    const before = await existing();
    const { status, body } = await client.post('/tenants', { schema });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'INVALID_NAME', message: expect.any(String), remedy: expect.any(String) });
    expect(await existing()).toEqual(before);
  });

  it('answers 400 for a name of 60 kB, and does not repeat it', async () => {
    const { status, body, text } = await client.post('/tenants', { schema: 'a'.repeat(60_000) });
    expect([status, body.error.code, text.length < 1000]).toEqual([400, 'INVALID_NAME', true]);
  });

  it.each(badNames.filter((name) => name.trim() !== ''))('answers 400 for a look at %j', async (schema) => {
    for (const path of [`/tenants/${encoded(schema)}`, `/tenants/${encoded(schema)}/migrations`]) {
      const { status, body } = await client.get(path);
      expect([status, body.error.code]).toEqual([400, 'INVALID_NAME']);
    }
  });

  it.each([
    [{}, 'schema must be a string'],
    [{ schema: 1 }, 'schema must be a string'],
    [{ schema: null }, 'schema must be a string'],
    [{ schema: ['demo'] }, 'schema must be a string'],
    [{ schema: { toString: 'demo' } }, 'schema must be a string'],
    [{ schema: 'fine', name: null }, 'name must be a string'],
    [{ schema: 'fine', name: 7 }, 'name must be a string'],
    [{ schema: 'fine', domain: ['a.example'] }, 'domain must be a string'],
    [{ schema: 'fine', status: 'active' }, 'property status should not exist'],
    [[], 'schema must be a string'],
    [[{ schema: 'fine' }], 'property 0 should not exist'],
  ])('answers 400 for the body %j', async (body, problem) => {
    const before = await existing();
    const answer = await client.post('/tenants', body);
    expect([answer.status, answer.body.error.code, answer.body.error['problems']]).toEqual([400, 'INVALID_REQUEST', expect.arrayContaining([problem])]);
    expect(await existing()).toEqual(before);
  });

  it.each([
    ['an empty name', { name: '' }, 'name'],
    ['a name of 256 characters', { name: 'x'.repeat(256) }, 'name'],
    ['a name with a NUL byte', { name: 'a\u0000b' }, 'name'],
    ['a blank domain', { domain: ' ' }, 'domain'],
    ['a domain of 60 kB', { domain: 'x'.repeat(60_000) }, 'domain'],
  ])('answers 400 for %s', async (_, values, field) => {
    const answer = await client.post('/tenants', { schema: 'fine', ...values });
    expect([answer.status, answer.body.error.code, answer.body.error['field']]).toEqual([400, 'INVALID_TENANT', field]);
  });

  it.each(['', '{', '{"schema":"demo"', '"demo"', 'null', '1', 'schema=demo', '\u0000', '{"schema":"demo"}}'])('answers 400 for %j, which is no JSON object', async (text) => {
    const { status, body } = await client.post('/tenants', text);
    expect([status, body.error.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('answers 400 for a body of 64 kB of brackets', async () => {
    for (const body of [`{"schema":${'['.repeat(32_000)}${']'.repeat(32_000)}}`, `${'{"schema":'.repeat(5_000)}1${'}'.repeat(5_000)}`]) {
      const answer = await client.post('/tenants', body);
      expect([answer.status, answer.body.error.code]).toEqual([400, 'INVALID_REQUEST']);
    }
  });

  it('answers in few words for thousands of wrong properties with long names', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`wrong_${index}`, 1]));
    const answer = await client.post('/tenants', { ...wrong, ['x'.repeat(20_000)]: 1, schema: 'fine' });
    expect([answer.status, answer.text.length < 10_000]).toEqual([400, true]);
  });

  it('answers 413 for more than 64 kB', async () => {
    const { status, body } = await client.post('/tenants', { schema: 'a'.repeat(66_000) });
    expect([status, body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('answers 415 for an encoding that it does not read', async () => {
    const headers = { 'content-type': 'application/json; charset=latin1' };
    const { status, body } = await client.send('/tenants', { method: 'POST', body: '{"schema":"demo"}', headers });
    expect([status, body.error.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('takes JSON whatever the content type says', async () => {
    const { status } = await client.send('/tenants', { method: 'POST', body: '{"schema":"untyped"}', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(status).toBe(201);
  });

  it.each(['after=-1', 'after=x', 'after=', 'after=%20', 'after=1.5', 'after=1e3', 'after=2147483648', 'after=99999999999999999999', 'after=1&after=2', 'after[]=1',
    'limit=0', 'limit=1001', 'limit=all', 'limit=%00', 'page=2'])('answers 400 for a page of %s', async (query) => {
    const { status, body } = await client.get(`/tenants?${query}`);
    expect([status, body.error.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it.each([['/nope', 404], ['/tenants/demo/nope', 404], ['/tenants/%FF', 400], ['/', 404]])('answers %s in the same shape', async (path, status) => {
    const answer = await client.get(path);
    expect([answer.status, Object.keys(answer.body)]).toEqual([status, ['error']]);
    expect(answer.body.error).toMatchObject({ code: expect.any(String), message: expect.any(String), remedy: expect.any(String) });
  });

  it('answers an error that nobody foresaw without SQL and without a stack', async () => {
    await database.query('ALTER TABLE public.tenant_registry RENAME COLUMN last_error TO elsewhere');
    const { status, body, text } = await client.get('/tenants');
    expect([status, body.error.code, Object.keys(body.error)]).toEqual([500, 'INTERNAL', ['code', 'message', 'remedy']]);
    expect(text).not.toMatch(/last_error|SELECT|\.[jt]s\b/);
    await database.query('ALTER TABLE public.tenant_registry RENAME COLUMN elsewhere TO last_error');
  });

  it('has done no harm after all this', async () => {
    expect((await client.get('/health/ready')).status).toBe(200);
    expect((await client.post('/tenants', { schema: 'fine' })).status).toBe(201);
  });
});

/** As a client that escapes bytes; `encodeURIComponent` throws on half a surrogate pair. */
function encoded(name: string): string {
  return [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
