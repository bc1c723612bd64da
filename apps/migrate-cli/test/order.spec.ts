import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer, ReportAnswer, StatusAnswer } from './support/answers';
import { Cli, fixture } from './support/cli';

describe('a track whose code and history have parted', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    const before = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: fixture('order', 'before.config.js') } });
    await before.run('init-public');
    await before.run('init-tenant', '--schema', 'demo');
    cli = before.with({ env: { TENANCY_CONFIG: fixture('order', 'after.config.js') } });
  });
  afterAll(async () => database.drop());

  it('is told by status: what is missing in code, and what is pending out of order', async () => {
    const { code, answer } = await cli.json<StatusAnswer>('status', '--schema', 'demo');
    expect(code).toBe(0);
    expect(answer).toEqual({
      track: 'tenant', schema: 'demo', revision: 'Late1700000000003', head: 'Late1700000000003', upToDate: false,
      applied: ['Early1700000000001', 'Late1700000000003'], pending: ['Middle1700000000002'],
      missing: ['Early1700000000001'], outOfOrder: ['Middle1700000000002'],
    });
  });

  it('makes status --check exit with 2, in text as well', async () => {
    const { code, stdout } = await cli.run('status', '--schema', 'demo', '--check');
    expect(code).toBe(2);
    expect(stdout).toContain('demo: 1 pending');
  });

  it('is not upgraded with --strict-order', async () => {
    const { code, answer } = await cli.json<FailureAnswer>('upgrade-tenant', '--schema', 'demo', '--strict-order');
    expect(code).toBe(1);
    expect(answer).toMatchObject({ error: { code: 'OUT_OF_ORDER', schema: 'demo', migrations: ['Middle1700000000002'] }, applied: [] });
  });

  it('is upgraded with a warning on stderr, and keeps the revision that is greatest', async () => {
    const { code, answer, stderr } = await cli.json<ReportAnswer>('upgrade-tenant', '--schema', 'demo');
    expect(code).toBe(0);
    expect(answer).toMatchObject({ revision: 'Late1700000000003', applied: ['Middle1700000000002'] });
    expect(stderr).toContain('warning: Middle1700000000002 is older than the revision');
    expect(stderr).toContain('warning: Early1700000000001 is applied to "demo" but unknown in code');
  });
});
