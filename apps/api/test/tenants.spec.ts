import { createHash } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { createTestDatabase } from '@workspace/postgres-testing';
import type { ProvisionedTenantDto, TenantDto, TenantsPageDto } from '../src/tenants/tenant.dto';
import type { TargetStatusDto } from '../src/migrations/target-status.dto';
import { type Client, initPublic, startApi } from './api-under-test';

/** The first half of the library's advisory locks; the second is the tenant's id. */
const LOCK_NAMESPACE = 0x746e6379;

describe('tenants', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let app: INestApplication;
  let client: Client;

  const provision = (request: object) => client.post<ProvisionedTenantDto>('/tenants', request);
  const tablesOf = async (schema: string) =>
    (await database.query<{ name: string }>('SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1', [schema]))
      .map(({ name }) => name);

  beforeAll(async () => {
    database = await createTestDatabase({ login: 'createrole' });
    await initPublic(database.url);
    ({ app, client } = await startApi(database.url));
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('are provisioned with one call: the tenant, its tables and its key', async () => {
    const { status, headers, body } = await provision({ schema: 'demo', name: 'Demo Ltd', domain: 'demo.example.com' });
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([201, '/tenants/demo', 'no-store']);
    expect(body).toMatchObject({ schema: 'demo', name: 'Demo Ltd', domain: 'demo.example.com', status: 'active', isActive: true, lastError: null });
    expect(body.apiKey).toMatch(/^tmk_[\w-]{43}$/);
    expect(body.applied).toContain(body.revision);
    expect(await tablesOf('demo')).toEqual(expect.arrayContaining(['migrations', 'person']));
  });

  it('keep their key to themselves: it is answered once, and only its digest is stored', async () => {
    const { body: { apiKey = '' } } = await provision({ schema: 'discreet' });
    const [row] = await database.query<{ api_key: string }>(`SELECT api_key FROM public.tenant_registry WHERE schema_name = 'discreet'`);
    const digest = createHash('sha256').update(apiKey).digest('hex');
    expect(row?.api_key).toBe(digest);
    for (const answer of [await client.get('/tenants'), await client.get('/tenants/discreet'), await client.get('/tenants/discreet/migrations')]) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(new RegExp(`tmk_|${digest}|api_?key`, 'i'));
    }
  });

  it('are left as they are by a second call', async () => {
    const first = (await client.get<TenantDto>('/tenants/demo')).body;
    const { status, headers, body } = await provision({ schema: 'demo' });
    expect([status, headers.get('location')]).toEqual([200, null]);
    expect(body).toEqual({ ...first, applied: [], durationMs: expect.any(Number) });
    expect((await client.get<TenantDto>('/tenants/demo')).body).toEqual(first);
  });

  it('are made once, with one key, by calls at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => provision({ schema: 'rushed' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(answers.filter(({ body }) => body.apiKey !== undefined).map(({ status }) => status)).toEqual([201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('do not wait for each other: many at the same time are all born', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => provision({ schema: `crowd_${index}` })));
    expect(answers.filter(({ status }) => status !== 201).map(({ text }) => text)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.apiKey)).size).toBe(20);
  });

  it('cannot have the domain of another, and nothing of them is left', async () => {
    const answer = await client.post('/tenants', { schema: 'rival', domain: 'demo.example.com' });
    expect([answer.status, answer.body.error.code, answer.body.error['domain']]).toEqual([409, 'DOMAIN_TAKEN', 'demo.example.com']);
    expect((await client.get('/tenants/rival')).status).toBe(404);
    expect(await tablesOf('rival')).toEqual([]);
  });

  it('cannot come back under another domain', async () => {
    const answer = await client.post('/tenants', { schema: 'demo', domain: 'other.example.com' });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'TENANT_DIFFERS']);
    expect((await client.get<TenantDto>('/tenants/demo')).body.domain).toBe('demo.example.com');
  });

  it('do not take over a schema that somebody else made', async () => {
    await database.query('CREATE SCHEMA leftover');
    const answer = await client.post('/tenants', { schema: 'leftover' });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'UNREGISTERED_SCHEMA']);
    expect(await tablesOf('leftover')).toEqual([]);
    expect((await client.get('/tenants/leftover')).status).toBe(404);
  });

  it('are not brought to life behind the back of who suspended them', async () => {
    await provision({ schema: 'sleeper' });
    await database.query(`UPDATE public.tenant_registry SET status = 'suspended' WHERE schema_name = 'sleeper'`);
    const answer = await client.post('/tenants', { schema: 'sleeper' });
    expect([answer.status, answer.body.error.code, answer.body.error['status']]).toEqual([409, 'TENANT_NOT_ACTIVE', 'suspended']);
    expect((await client.get<TenantDto>('/tenants/sleeper')).body).toMatchObject({ status: 'suspended', isActive: false });
  });

  it('tell how a migration failed, and are finished by the same call once the cause is gone', async () => {
    await database.query('REVOKE REFERENCES ON public.country FROM PUBLIC');
    await database.query('ALTER TABLE public.country RENAME TO country_away');
    const failed = await client.post('/tenants', { schema: 'troubled' });
    expect(failed.status).toBe(500);
    expect(failed.body.error).toMatchObject({ code: 'MIGRATION_FAILED', schema: 'troubled', migration: 'AddTenantCountry1767657600000', sqlState: '42P01' });
    expect((await client.get<TenantDto>('/tenants/troubled')).body).toMatchObject({ status: 'failed', lastError: expect.stringContaining('42P01') });
    expect((await client.get<TargetStatusDto>('/tenants/troubled/migrations')).body).toMatchObject({ upToDate: false, revision: 'IndexPersonName1767571200000' });

    await database.query('ALTER TABLE public.country_away RENAME TO country');
    await database.query('GRANT REFERENCES ON public.country TO PUBLIC');
    const { status, body } = await provision({ schema: 'troubled' });
    expect([status, body.status, body.applied[0]]).toEqual([201, 'active', 'AddTenantCountry1767657600000']);
    expect(body.apiKey).toMatch(/^tmk_/);
  });

  it('are listed a page at a time', async () => {
    const all = (await client.get<TenantsPageDto>('/tenants?limit=1000')).body;
    expect(all.next).toBeNull();
    const seen: TenantDto[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const { body }: { body: TenantsPageDto } = await client.get<TenantsPageDto>(`/tenants?limit=7&after=${after}`);
      seen.push(...body.tenants);
      after = body.next;
    }
    expect(seen).toEqual(all.tenants);
    expect((await client.get<TenantsPageDto>(`/tenants?limit=${all.tenants.length}`)).body.next).toBeNull();
    expect((await client.get<TenantsPageDto>('/tenants?after=2147483647')).body).toEqual({ tenants: [], next: null });
  });

  it('answer 404 when nobody knows them', async () => {
    for (const path of ['/tenants/nobody', '/tenants/nobody/migrations']) {
      const { status, body } = await client.get(path);
      expect([status, body.error.code, body.error['schema']]).toEqual([404, 'UNKNOWN_TENANT', 'nobody']);
    }
  });

  it('show their migrations as the command line does', async () => {
    const { status, body } = await client.get<TargetStatusDto>('/tenants/demo/migrations');
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['applied', 'head', 'missing', 'outOfOrder', 'pending', 'revision', 'schema', 'track', 'upToDate']);
    expect(body).toMatchObject({ track: 'tenant', schema: 'demo', upToDate: true, pending: [], missing: [], outOfOrder: [] });
    expect(body.applied.at(-1)).toBe(body.revision);
    expect(body.head).toBe(body.revision);
  });

  it('answer 503 with a time to try again while another run is at work on them', async () => {
    const { body: { id } } = await provision({ schema: 'busy' });
    await database.query('DROP INDEX busy.person_email_idx');
    await database.query(`DELETE FROM busy.migrations WHERE name = 'IndexPersonEmail1767830400000'`);
    const otherRun = await database.client();
    await otherRun.query('SELECT pg_advisory_lock($1, $2)', [LOCK_NAMESPACE, id]);
    const answer = await client.post('/tenants', { schema: 'busy' });
    expect([answer.status, answer.headers.get('retry-after'), answer.body.error.code]).toEqual([503, '5', 'LOCKED']);
    await otherRun.query('SELECT pg_advisory_unlock_all()');
    expect((await provision({ schema: 'busy' })).body).toMatchObject({ applied: ['IndexPersonEmail1767830400000'] });
  });
});
