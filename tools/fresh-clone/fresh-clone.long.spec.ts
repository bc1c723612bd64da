import { createServer } from 'node:http';
import { startTemporaryServer } from '@workspace/embedded-postgres';
import { Client } from 'pg';
import { Checkout, freePort, interrupt, ORDINARY_USER, untilReady } from './checkout';

describe('a fresh clone, followed by its README', () => {
  const checkout = new Checkout();
  const checkouts = [checkout];

  beforeAll(async () => {
    const { code, output } = await checkout.run('npm ci');
    expect(`${code} ${output}`).toMatch(/^0 /);
  });

  afterAll(async () => {
    for (const each of checkouts) await each.remove();
  });

  async function expectTwoTenants(where: Checkout, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const port = await freePort();
    const running = where.start('npm start', { PORT: String(port), ADMIN_TOKEN: 'a-token-for-the-test', ...env });
    await untilReady(port, running);
    const answer = await fetch(`http://127.0.0.1:${port}/tenants`, { headers: { authorization: 'Bearer a-token-for-the-test' } });
    const body = JSON.stringify(await answer.json());
    await interrupt(running);
    expect(body).toContain('"demo"');
    expect(body).toContain('"client_abc"');
    expect(running.output()).toMatch(/demo: up to date[\s\S]*client_abc: up to date/);
    return running.output();
  }

  it('starts a server, makes two tenants and serves the API; and again, harmlessly', async () => {
    expect(await expectTwoTenants(checkout)).toContain('embedded PostgreSQL');
    expect(await expectTwoTenants(checkout)).toMatch(/demo: nothing to do[\s\S]*client_abc: nothing to do/);
  });

  it('does the work on the database first when the port is taken by a stranger, and then names PORT', async () => {
    const stranger = createServer((_, response) => response.end('not yours'));
    const port = await freePort();
    await new Promise<void>((done) => stranger.listen(port, '127.0.0.1', done));
    const { code, output } = await checkout.run('npm start', { PORT: String(port) });
    await new Promise((done) => stranger.close(done));
    expect(code).toBe(1);
    expect(output).toMatch(/client_abc: up to date[\s\S]*PORT/);
  });

  it('says so and exits with 0 when our own API answers on the port', async () => {
    const port = String(await freePort());
    const first = checkout.start('npm start', { PORT: port });
    await untilReady(Number(port), first);
    const { code } = await checkout.run('npm start', { PORT: port });
    await interrupt(first);
    expect(code).toBe(0);
  });

  it.each(['15', '18'])('does the same with DATABASE_URL on PostgreSQL %s', async (version) => {
    const server = await startTemporaryServer({ version });
    try {
      expect(await expectTwoTenants(checkout, { DATABASE_URL: server.url })).not.toContain('embedded PostgreSQL');
      const client = new Client({ connectionString: server.url });
      await client.connect();
      const { rows } = await client.query(`SELECT table_schema FROM information_schema.tables WHERE table_name = 'person' ORDER BY 1`);
      await client.end();
      expect(rows).toEqual([{ table_schema: 'client_abc' }, { table_schema: 'demo' }]);
    } finally {
      await server.stop();
    }
  });

  (ORDINARY_USER ? it : it.skip)('works for an ordinary user as it does for root', async () => {
    const theirs = new Checkout(ORDINARY_USER);
    checkouts.push(theirs);
    theirs.takePackages(checkout);
    expect(await expectTwoTenants(theirs)).toContain('embedded PostgreSQL');
  });
});
