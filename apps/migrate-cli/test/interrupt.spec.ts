import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer, ReportAnswer } from './support/answers';
import { Cli, documentOf, fixture, type Running } from './support/cli';

const [QUICK, PATIENT, LAST] = ['Quick1700000000001', 'Patient1700000000002', 'Last1700000000003'];

describe('Ctrl-C during a slow migration', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    cli = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: fixture('patient', 'product.config.js') } });
    await cli.run('init-public');
  });
  afterAll(async () => database.drop());

  it('finishes the step in hand, tells what was applied and what is left, exits with 130; the same command goes on', async () => {
    const running = await inPatientStep('init-tenant', '--schema', 'once');
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.outcome;
    expect(code).toBe(130);
    expect(documentOf<FailureAnswer>(stdout)).toMatchObject({
      error: { code: 'STOPPED', schema: 'once', pending: [LAST], remedy: 'Run the same command again to go on.' }, applied: [QUICK, PATIENT],
    });
    expect(stderr).toContain('Stopping after the step in hand');
    expect(await history('once')).toEqual([QUICK, PATIENT]);

    const { code: again, answer } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'once');
    expect(again).toBe(0);
    expect(answer).toMatchObject({ applied: [LAST], apiKey: expect.any(String) });
  });

  it('ends at once when it comes twice, with nothing of the step in hand; the same command goes on', async () => {
    const running = await inPatientStep('init-tenant', '--schema', 'twice');
    running.kill('SIGINT');
    await running.says('Stopping after the step in hand');
    running.kill('SIGINT');
    const asked = performance.now();
    const { code } = await running.outcome;
    expect(performance.now() - asked).toBeLessThan(500);
    expect(code).toBe(130);
    expect(await history('twice')).toEqual([QUICK]);

    const { code: again, answer } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'twice');
    expect(again).toBe(0);
    expect(answer).toMatchObject({ applied: [PATIENT, LAST], apiKey: expect.any(String) });
  });

  it('ends the waiting for another run', async () => {
    const [tenant] = await database.query<{ id: number }>(
      "INSERT INTO tenant_registry (tenant_name, schema_name) VALUES ('waiting', 'waiting') RETURNING id");
    const holder = await database.client();
    await holder.query('SELECT pg_advisory_lock($1, $2)', [0x746e6379, tenant?.id]);
    const running = cli.start('init-tenant', '--schema', 'waiting', '--json', '--log-level', 'debug');
    await waitUntilPolling();
    running.kill('SIGINT');
    const { code, stdout } = await running.outcome;
    expect(code).toBe(130);
    expect(documentOf<FailureAnswer>(stdout)).toMatchObject({ error: { code: 'STOPPED', schema: 'waiting' }, applied: [] });
  });

  async function inPatientStep(...command: readonly string[]): Promise<Running> {
    const running = cli.start(...command, '--json', '--log-level', 'debug');
    await running.says(`"migration":"${PATIENT}"`);
    return running;
  }

  async function waitUntilPolling(): Promise<void> {
    const sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'tenancy-migrations' AND query = 'ROLLBACK' AND datname = current_database()";
    while ((await database.query(sql)).length === 0) await new Promise((next) => setTimeout(next, 20));
  }

  async function history(schema: string): Promise<string[]> {
    return (await database.query<{ name: string }>(`SELECT name FROM ${schema}.migrations ORDER BY id`)).map(({ name }) => name);
  }
});
