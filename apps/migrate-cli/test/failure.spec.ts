import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer, ReportAnswer, StatusAnswer } from './support/answers';
import { Cli, fixture } from './support/cli';

const FAILING = 'FailAtThird1700000000002';

describe('a migration that fails at its third statement', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    cli = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: fixture('failing', 'tenant.config.js') } });
    await cli.run('init-public');
  });
  afterAll(async () => database.drop());

  it('ends init-tenant with 1, the place and the SQLSTATE of the failure, and what was applied before', async () => {
    const { code, answer } = await cli.json<FailureAnswer>('init-tenant', '--schema', 'demo');
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      error: { code: 'MIGRATION_FAILED', schema: 'demo', migration: FAILING, sqlState: '42P01', statement: 'INSERT INTO third_statement VALUES (1)' },
      applied: ['CreateOrder1700000000001'],
    });
    for (const fact of ['demo', FAILING, '42P01', answer.error.remedy]) expect(answer.error.message).toContain(fact);
  });

  it('leaves nothing of its first two statements, and a tenant that is known to have failed', async () => {
    expect(await database.query(
      "SELECT table_name AS table, column_name AS column FROM information_schema.columns WHERE table_schema = 'demo' AND table_name <> 'migrations'",
    )).toEqual([{ table: 'customer_order', column: 'id' }]);
    expect(await database.query("SELECT status, is_active, api_key FROM tenant_registry WHERE schema_name = 'demo'"))
      .toEqual([{ status: 'failed', is_active: false, api_key: null }]);
    const { answer } = await cli.json<StatusAnswer>('status', '--schema', 'demo');
    expect(answer).toMatchObject({ applied: ['CreateOrder1700000000001'], pending: [FAILING], upToDate: false });
  });

  it('is in the journal with the SQLSTATE', async () => {
    expect(await database.query("SELECT migration, outcome, sql_state FROM migration_step WHERE schema_name = 'demo' ORDER BY id")).toEqual([
      { migration: 'CreateOrder1700000000001', outcome: 'applied', sql_state: null },
      { migration: FAILING, outcome: 'failed', sql_state: '42P01' },
    ]);
  });

  it('is told in one message without a stack trace, and nothing on stdout, when JSON is not asked for', async () => {
    const { code, stdout, stderr } = await cli.run('init-tenant', '--schema', 'demo');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(new RegExp(`^Migration ${FAILING} failed on "demo" with SQLSTATE 42P01: `))]);
  });

  it('keeps the other commands from taking the tenant for a whole one', async () => {
    const { code, answer } = await cli.json<FailureAnswer>('upgrade-tenant', '--schema', 'demo');
    expect(code).toBe(1);
    expect(answer).toMatchObject({ error: { code: 'TENANT_NOT_ACTIVE', schema: 'demo', status: 'failed' }, applied: [] });
  });

  it('is finished by the same command once it is corrected, which then has the API key', async () => {
    const corrected = cli.with({ env: { TENANCY_CONFIG: fixture('failing', 'corrected.config.js') } });
    const { code, answer } = await corrected.json<ReportAnswer>('init-tenant', '--schema', 'demo');
    expect(code).toBe(0);
    expect(answer).toMatchObject({ schema: 'demo', revision: FAILING, applied: [FAILING], apiKey: expect.any(String) });
  });

  it('ends init-public in the same way', async () => {
    const other = cli.with({ env: { TENANCY_CONFIG: fixture('failing', 'public.config.js') } });
    const { code, answer } = await other.json<FailureAnswer>('init-public');
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      error: { code: 'MIGRATION_FAILED', schema: 'public', migration: FAILING, sqlState: '42P01' },
      applied: ['CreateOrder1700000000001'],
    });
  });
});
