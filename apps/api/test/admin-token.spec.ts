import type { INestApplication } from '@nestjs/common';
import { createTestDatabase } from '@workspace/postgres-testing';
import { ADMIN_TOKEN, Client, initPublic, startApi } from './api-under-test';

interface Documentation {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { security?: unknown; responses: Record<string, unknown> }>>>>;
  readonly components: { readonly securitySchemes: unknown; readonly schemas: Record<string, { properties: Record<string, unknown> }> };
}

describe('the admin token', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let app: INestApplication;
  let client: Client;

  const get = async (authorization?: string) =>
    fetch(`${client.url}/tenants`, { headers: authorization === undefined ? {} : { authorization } });
  const documentation = async () => (await client.get<Documentation>('/docs/json')).body;

  beforeAll(async () => {
    database = await createTestDatabase();
    await initPublic(database.url);
    ({ app, client } = await startApi(database.url));
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('guards every route that the documentation knows, but health', async () => {
    const routes = Object.entries((await documentation()).paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => [method, path] as const));
    const answers = await Promise.all(routes.map(async ([method, path]) => {
      const { status } = await fetch(`${client.url}${path.replace('{schema}', 'demo')}`, { method });
      return `${method} ${path} ${status}`;
    }));
    expect(answers.sort()).toEqual([
      'get /health/live 200',
      'get /health/ready 200',
      'get /migrations/public 401',
      'get /tenants 401',
      'get /tenants/{schema} 401',
      'get /tenants/{schema}/migrations 401',
      'post /tenants 401',
    ]);
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer wrong', `Basic ${ADMIN_TOKEN}`, ADMIN_TOKEN, `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${ADMIN_TOKEN.slice(0, -1)}`, `Bearer x ${ADMIN_TOKEN}`])('refuses %j', async (authorization) => {
    const answer = await get(authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'UNAUTHORIZED', remedy: expect.stringContaining('Authorization: Bearer') } });
    expect(text).not.toContain(ADMIN_TOKEN);
  });

  it.each([`Bearer ${ADMIN_TOKEN}`, `bearer ${ADMIN_TOKEN}`])('takes %j', async (authorization) => {
    expect((await get(authorization)).status).toBe(200);
  });

  it('creates nothing for a caller without it', async () => {
    expect((await new Client(client.url, 'wrong').post('/tenants', { schema: 'intruder' })).status).toBe(401);
    expect((await client.get('/tenants/intruder')).status).toBe(404);
  });

  it('is not needed to read the documentation', async () => {
    const page = await fetch(`${client.url}/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const script = await fetch(`${client.url}/docs/swagger-ui-bundle.js`);
    expect([script.status, (await script.text()).length > 100_000]).toEqual([200, true]);
  });

  it('is documented as a bearer scheme on every guarded route, with its errors', async () => {
    const { paths, components } = await documentation();
    expect(components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(Object.keys(components.schemas['ErrorDocument']!.properties)).toEqual(['code', 'message', 'remedy']);
    for (const [path, methods] of Object.entries(paths).filter(([path]) => !path.startsWith('/health'))) {
      for (const { security, responses } of Object.values(methods)) {
        expect([path, security, Object.keys(responses)]).toEqual([path, [{ bearer: [] }], expect.arrayContaining(['200', '401', '503'])]);
      }
    }
    expect(Object.keys(paths['/tenants']!['post']!.responses)).toEqual(['200', '201', '400', '401', '409', '413', '500', '503']);
  });
});
