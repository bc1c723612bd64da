import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { Cli, Running, WORKSPACE, type Outcome } from './support/cli';

describe('the Nx targets', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    expect((await new Cli({ env: { DATABASE_URL: database.url } }).run('init-public')).code).toBe(0);
  });
  afterAll(async () => database.drop());

  async function nx(...args: readonly string[]): Promise<Outcome> {
    return new Running('npx', ['nx', 'run', ...args], WORKSPACE, { DATABASE_URL: database.url }).outcome;
  }

  it('make a tenant: nx run migrate-cli:init-tenant --schema=nxdemo', async () => {
    const { code, stdout } = await nx('migrate-cli:init-tenant', '--schema=nxdemo', '--name=Nx & Söhne');
    expect(stdout).toContain('nxdemo: 6 migrations applied');
    expect(code).toBe(0);
    expect(await database.query('SELECT tenant_name AS name, schema_name AS schema, status FROM tenant_registry'))
      .toEqual([{ name: 'Nx & Söhne', schema: 'nxdemo', status: 'active' }]);
  });

  it('run no shell: a command in place of a name is a bad name', async () => {
    const trace = join(tmpdir(), `${database.name}_shell`);
    const { code, stdout, stderr } = await nx('migrate-cli:init-tenant', `--schema=$(touch ${trace})`);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`"$(touch ${trace})" cannot be a tenant's schema`);
    expect(existsSync(trace)).toBe(false);
  });
});
