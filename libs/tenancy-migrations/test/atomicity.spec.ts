import { hostname, userInfo } from 'node:os';
import type { Migrator, TargetReport } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { eventually, useTestbed } from './support/testbed';

const testbed = useTestbed();
let healthy: Migrator;
beforeAll(async () => {
  healthy = await testbed.open({ tenant: [CreateNote] });
  await healthy.initPublic();
});

/** Fails at its third statement, for as long as a row says so. */
const FailsThird = migration('FailsThird', 2,
  'CREATE TABLE half (id int)',
  `INSERT INTO note (text) VALUES ('half')`,
  'SELECT 1 / (SELECT count(*) FROM note WHERE text = $$mended$$)',
  'CREATE TABLE whole (id int)');
const After = migration('After', 3, 'CREATE TABLE after_it (id int)');

describe('a migration that fails at its third statement', () => {
  let migrator: Migrator;
  let report: TargetReport;
  beforeAll(async () => {
    await healthy.initTenant({ schema: 'broken' });
    migrator = await testbed.open({ tenant: [CreateNote, FailsThird, After], actor: 'deploy bot' });
    report = await migrator.upgradeTenant('broken');
  });

  it('is reported by tenant, name, SQLSTATE and statement', () => {
    expect(report).toMatchObject({ applied: [], revision: CreateNote.name });
    expect(report.error?.toJSON()).toMatchObject({
      code: 'MIGRATION_FAILED', schema: 'broken', migration: FailsThird.name, sqlState: '22012', statement: expect.stringContaining('SELECT 1 /'),
      message: expect.stringMatching(`Migration ${FailsThird.name} failed on "broken" with SQLSTATE 22012: division by zero`),
    });
  });

  it('leaves no trace of itself, while those before it stay and those after it wait', async () => {
    expect(await testbed.rows(`SELECT relname FROM pg_class WHERE relnamespace = 'broken'::regnamespace AND relkind = 'r' ORDER BY 1`))
      .toEqual([{ relname: 'migrations' }, { relname: 'note' }]);
    expect(await testbed.value('count(*)::int FROM broken.note')).toBe(0);
    expect(await testbed.history('broken')).toEqual([CreateNote.name]);
    expect(await migrator.status('broken')).toMatchObject({
      applied: [CreateNote.name], pending: [FailsThird.name, After.name], revision: CreateNote.name,
    });
  });

  it('leaves an active tenant active', async () => {
    expect(await testbed.registered('broken')).toMatchObject({ status: 'active', revision: CreateNote.name });
  });

  it('is in the journal, after the success before it', async () => {
    const [success, failure, ...others] = await testbed.journal('broken');
    const id = (await healthy.tenant('broken')).id;
    const common = { track: 'tenant', tenant_id: id, transactional: true, attempts: 1, host: hostname(), pid: process.pid };
    expect(success).toMatchObject({
      ...common, migration: CreateNote.name, outcome: 'applied', statements: 1, actor: userInfo().username,
      error_code: null, sql_state: null, error_message: null,
    });
    expect(failure).toMatchObject({
      ...common, migration: FailsThird.name, outcome: 'failed', actor: 'deploy bot', error_code: 'MIGRATION_FAILED', sql_state: '22012',
      error_message: report.error?.message, duration_ms: expect.any(Number), started_at: expect.any(Date),
    });
    expect(others).toEqual([]);
  });

  it('is in the journal with the three statements that it sent', async () => {
    expect((await testbed.journal('broken')).at(-1)).toMatchObject({ outcome: 'failed', statements: 3 });
  });

  it('is applied by the next run, once its cause is mended', async () => {
    await testbed.rows(`INSERT INTO broken.note (text) VALUES ('mended')`);
    expect(await migrator.upgradeTenant('broken')).toMatchObject({ applied: [FailsThird.name, After.name], revision: After.name });
    expect((await testbed.journal('broken')).map(({ outcome }) => outcome)).toEqual(['applied', 'failed', 'applied', 'applied']);
  });

  it('leaves no trace in public either', async () => {
    const Half = migration('Half', 1, 'CREATE TABLE half (id int)', 'SELECT 1 / 0');
    const failing = await testbed.open({ public: [Half] });
    expect((await failing.initPublic()).error).toMatchObject({ code: 'MIGRATION_FAILED', fields: { schema: 'public', sqlState: '22012' } });
    expect(await testbed.value(`to_regclass('public.half')`)).toBeNull();
    expect(await testbed.journal('public')).toMatchObject([{ track: 'public', tenant_id: null, migration: Half.name, outcome: 'failed' }]);
  });

  it.each<[string, () => Promise<never>, string]>([
    ['an error of its own', () => Promise.reject(new TypeError('the file is missing')), 'the file is missing'],
    ['what is no error', () => Promise.reject('nothing but text' as unknown as Error), 'nothing but text'],
  ])('may throw %s', async (_, throwing, message) => {
    const migrator = await testbed.open({ tenant: [migration('Throws', 1, 'CREATE TABLE thrown (id int)', throwing)] });
    const { error } = await migrator.initTenant({ schema: 'thrower' });
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', message: expect.stringContaining(message), sqlState: undefined });
    expect(await testbed.value(`to_regclass('thrower.thrown')`)).toBeNull();
  });
});

describe('a birth that fails after registration', () => {
  it('leaves the tenant failed and without a key; the next call finishes it and returns the key', async () => {
    const failing = await testbed.open({ tenant: [CreateNote, FailsThird] });
    const { error, apiKey } = await failing.initTenant({ schema: 'unlucky' });
    expect(apiKey).toBeUndefined();
    expect(await testbed.registered('unlucky')).toMatchObject({
      status: 'failed', is_active: false, api_key: null, last_error: error?.message, revision: CreateNote.name,
    });
    await expect(failing.upgradeTenant('unlucky')).rejects.toMatchObject({
      code: 'TENANT_NOT_ACTIVE', message: expect.stringContaining('init-tenant --schema unlucky'),
    });

    await testbed.rows(`INSERT INTO unlucky.note (text) VALUES ('mended')`);
    const second = await failing.initTenant({ schema: 'unlucky' });
    expect(second).toMatchObject({ applied: [FailsThird.name], apiKey: expect.stringMatching(/^tmk_/) });
    expect(await testbed.registered('unlucky')).toMatchObject({ status: 'active', last_error: null });
    expect(await failing.initTenant({ schema: 'unlucky' })).not.toHaveProperty('apiKey');
  });

  it('and is finished by many calls at once gives the key to exactly one', async () => {
    await (await testbed.open({ tenant: [migration('Fails', 2, 'SELECT 1 / 0')] })).initTenant({ schema: 'contested' });
    const migrators = [healthy, await testbed.open(), await testbed.open()];
    const reports = await Promise.all(migrators.map((migrator) => migrator.initTenant({ schema: 'contested' })));
    expect(reports.filter(({ apiKey }) => apiKey !== undefined)).toHaveLength(1);
  });

  it('and is cut off before the tenant is active does not lose the key', async () => {
    const letGo = await testbed.holdActivations();
    const birth = healthy.initTenant({ schema: 'cut_off' });
    await testbed.rows('SELECT pg_terminate_backend($1)', await testbed.waitingPid());
    expect(await birth).toMatchObject({ applied: [CreateNote.name], error: { code: 'DATABASE_UNREACHABLE' } });
    await letGo();
    expect(await testbed.registered('cut_off')).toMatchObject({ status: 'provisioning', api_key: null, revision: CreateNote.name });

    const { apiKey } = await healthy.initTenant({ schema: 'cut_off' });
    expect(apiKey).toMatch(/^tmk_/);
    expect(await testbed.registered('cut_off')).toMatchObject({ status: 'active', api_key: expect.any(String) });
  });
});

describe('a step whose server process is killed', () => {
  const Slow = migration('Slow', 2, 'CREATE TABLE slow (id int)', 'SELECT pg_sleep(20)');
  const Fast = migration('Slow', 2, 'CREATE TABLE slow (id int)');

  it.each<[string, typeof Slow, readonly string[], string]>([
    ['while it runs', Slow, [], `query LIKE '%pg_sleep%'`],
    // SHARE mode lets the step look at its history, and blocks the row that it adds.
    ['between its last statement and its history row', Fast, ['LOCK TABLE killed.migrations IN SHARE MODE'], `wait_event_type = 'Lock'`],
    ['between its history row and its COMMIT', Fast, ['LOCK TABLE public.migration_step IN SHARE MODE'], `wait_event_type = 'Lock'`],
  ])('%s leaves neither its DDL nor its history row, and the next run finishes', async (_, Step, locks, isThere) => {
    await testbed.rows(`DROP TABLE IF EXISTS killed.slow`);
    await healthy.initTenant({ schema: 'killed' });
    await testbed.rows('DELETE FROM killed.migrations WHERE name = $1', Step.name);
    const blocker = await testbed.somebody(...locks);

    const run = (await testbed.open({ tenant: [CreateNote, Step] })).upgradeTenant('killed');
    await terminate(isThere);
    await blocker.end();
    expect(await run).toMatchObject({ applied: [], revision: CreateNote.name, error: { code: 'DATABASE_UNREACHABLE' } });
    expect(await testbed.value(`to_regclass('killed.slow')`)).toBeNull();
    expect(await testbed.history('killed')).toEqual([CreateNote.name]);

    expect(await (await testbed.open({ tenant: [CreateNote, Fast] })).upgradeTenant('killed')).toMatchObject({
      applied: [Fast.name], revision: Fast.name,
    });
    expect(await testbed.value(`to_regclass('killed.slow')::text`)).toBe('killed.slow');
  });

  it('is in the journal as failed, and told by an event, since the database lives on', async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, Slow] });
    await healthy.initTenant({ schema: 'witnessed' });
    const told: string[] = [];
    migrator.events.subscribe(({ type }) => told.push(type));
    const run = migrator.upgradeTenant('witnessed');
    await terminate(`query LIKE '%pg_sleep%'`);
    await run;
    expect(told).toEqual(['plan', 'step-started', 'step-failed']);
    expect((await testbed.journal('witnessed')).at(-1)).toMatchObject({
      migration: Slow.name, outcome: 'failed', error_code: 'DATABASE_UNREACHABLE',
    });
  });

  async function terminate(isThere: string): Promise<void> {
    await eventually(async () => (await testbed.rows(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'tenancy-migrations' AND state = 'active' AND ${isThere}`)).length > 0);
  }
});
