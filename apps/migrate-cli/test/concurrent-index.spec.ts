import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { ReportAnswer } from './support/answers';
import { Cli, fixture } from './support/cli';
import { random, seeds } from './support/seeds';

const ROWS = 200_000;
/** Well within the time that so many rows take. */
const BUILDING_MS = 100;

/** Others that keep an index from being built, each in another phase: one that writes, and one that sees an older state of the database. */
const BLOCKERS: Readonly<Record<string, (schema: string) => readonly string[]>> = {
  'waits for a writer': (schema) => ['BEGIN', `INSERT INTO ${schema}.measurement (label) VALUES ('another')`],
  'waits for an old snapshot': () => ['BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT count(*) FROM public.tenant_registry'],
};

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tenancy-migrations' AND wait_event_type = 'Lock'`;

describe('CREATE INDEX CONCURRENTLY in a command that is killed', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    cli = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: fixture('index', 'index.config.js') } });
    expect((await cli.run('init-public')).code).toBe(0);
  });
  afterAll(async () => database.drop());

  describe.each(Object.entries(BLOCKERS))('while it %s', (phase, block) => {
    it.each(seeds(1, 3))('is made whole by the next run (kill %i)', async (seed) => {
      const schema = await tenantWithTable(`${phase.replaceAll(' ', '_')}_${seed}`);
      const blocker = await begin(block(schema));
      await killWhile(schema, '^waiting', random(seed)() * 100);
      await blocker.query('ROLLBACK');
      await expectWhole(schema, await upgrade(schema));
    });
  });

  it('is made whole by a run that waits for the same writer, longer than for any table lock', async () => {
    const schema = await tenantWithTable('still_waiting');
    const blocker = await begin(BLOCKERS['waits for a writer']!(schema));
    await killWhile(schema, '^waiting', 0);
    const upgraded = upgrade(schema);
    await Promise.race([upgraded, until(WAITING)]);
    await sleep(1000);
    await blocker.query('ROLLBACK');
    await expectWhole(schema, await upgraded);
  });

  it.each(seeds(1, 4))('while it is being built is made whole by the next run (kill %i)', async (seed) => {
    const schema = await tenantWithTable(`building_${seed}`);
    await database.query(`INSERT INTO ${schema}.measurement (label) SELECT md5(i::text) FROM generate_series(1, ${ROWS}) i`);
    await killWhile(schema, '^building', random(seed)() * BUILDING_MS);
    await expectWhole(schema, await upgrade(schema));
  });

  async function tenantWithTable(schema: string): Promise<string> {
    const { code } = await cli.run('init-tenant', '--schema', schema, '--config', fixture('index', 'table.config.js'));
    expect(code).toBe(0);
    return schema;
  }

  async function begin(statements: readonly string[]): Promise<Client> {
    const client = await database.client();
    for (const statement of statements) await client.query(statement);
    return client;
  }

  /** Kills an upgrade some time after its index has come to a phase. */
  async function killWhile(schema: string, phase: string, delayMs: number): Promise<void> {
    const running = cli.start('upgrade-tenant', '--schema', schema);
    await until('SELECT 1 FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase ~ $1', phase);
    await sleep(delayMs);
    expect(running.kill()).toBe(true);
    expect((await running.outcome).signal).toBe('SIGKILL');
  }

  /** Resolves when a query finds a row. */
  async function until(sql: string, ...parameters: readonly string[]): Promise<void> {
    while ((await database.query(sql, parameters)).length === 0) await sleep(2);
  }

  async function upgrade(schema: string): ReturnType<typeof cli.json<ReportAnswer>> {
    return cli.json<ReportAnswer>('upgrade-tenant', '--schema', schema);
  }

  async function expectWhole(schema: string, { code, answer }: Awaited<ReturnType<typeof upgrade>>): Promise<void> {
    expect({ code, answer }).toMatchObject({ code: 0, answer: { applied: ['IndexMeasurement1700000000002'] } });
    expect(await database.query(
      `SELECT relname AS index, indisvalid AS valid, indisready AS ready FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = $1::regclass ORDER BY 1`, [`${schema}.measurement`],
    )).toEqual([{ index: 'measurement_label_idx', valid: true, ready: true }, { index: 'measurement_pkey', valid: true, ready: true }]);
    expect(await database.query(`SELECT name FROM ${schema}.migrations ORDER BY id OFFSET 1`)).toEqual([{ name: 'IndexMeasurement1700000000002' }]);
  }
});
