import { expectApplied, LOGINS, ProbedTenant } from './support/probed-tenant';

/** What a migration leaves in its session, and what of it the next one would see on the same connection. */
const LEFTOVERS: readonly (readonly [what: string, leave: string, look: string])[] = [
  ['a setting by SET', `SET statement_timeout = '77s'`, `SELECT current_setting('statement_timeout') AS seen`],
  ['a setting by SET LOCAL', `SET LOCAL work_mem = '77MB'`, `SELECT current_setting('work_mem') AS seen`],
  ['a setting by set_config, as pg_dump writes it', `SELECT set_config('check_function_bodies', 'false', false)`,
    `SELECT current_setting('check_function_bodies') AS seen`],
  ['a setting of its own', `SET app.tenant = 'acme'`, `SELECT coalesce(current_setting('app.tenant', true), '') AS seen`],
  ['the search path by SET', 'SET search_path TO pg_catalog, public', `SELECT current_setting('search_path') AS seen`],
  ['the search path by set_config', `SELECT set_config('search_path', '', false)`, `SELECT current_setting('search_path') AS seen`],
  ['the isolation level of later transactions', 'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    `SELECT current_setting('default_transaction_read_only') AS seen`],
  ['a temporary table', 'CREATE TEMP TABLE left_over (id int)', `SELECT to_regclass('pg_temp.left_over') AS seen`],
  ['a temporary table in the way of its own', 'CREATE TEMP TABLE things (id int)', `SELECT to_regclass('things')::text AS seen`],
  ['a session advisory lock', 'SELECT pg_advisory_lock(77)',
    `SELECT count(*)::int AS seen FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid = 77`],
  ['a prepared statement', 'PREPARE left_over AS SELECT 1', 'SELECT count(*)::int AS seen FROM pg_prepared_statements'],
  ['a cursor WITH HOLD', 'DECLARE left_over CURSOR WITH HOLD FOR SELECT 1',
    'SELECT count(*)::int AS seen FROM pg_cursors WHERE name = \'left_over\''],
  ['a LISTEN', 'LISTEN left_over', 'SELECT count(*)::int AS seen FROM pg_listening_channels()'],
];

describe.each(LOGINS)('What a tenant migration run by a %s login leaves in its session', (login) => {
  let tenant: ProbedTenant;
  const fresh = new Map<string, unknown>();
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
    for (const [what, , sql] of LEFTOVERS) fresh.set(what, await seen(sql));
  });
  afterAll(() => tenant.close());

  /** What the next step sees; there is one connection, so it follows on the same. */
  async function seen(sql: string): Promise<unknown> {
    let answer: unknown;
    await expectApplied(tenant, async (runner) => {
      [{ seen: answer }] = (await runner.query(sql)) as [{ seen: unknown }];
    });
    return answer;
  }

  it.each(LEFTOVERS)('does not reach the next step: %s', async (what, leave, sql) => {
    await expectApplied(tenant, leave);
    expect(await seen(sql)).toEqual(fresh.get(what));
  });

  it.each(LEFTOVERS)('is gone after a step that failed: %s', async (what, leave, sql) => {
    await tenant.reconnect();
    await tenant.migrate(async (runner) => {
      await runner.query(leave);
      throw new Error('the migration fails');
    });
    expect(await seen(sql)).toEqual(fresh.get(what));
  });

  it('does not keep the engine from its work: a read-only transaction', async () => {
    const report = await tenant.migrate('SET TRANSACTION READ ONLY');
    expect(report.error?.code).toBe('MIGRATION_FAILED');
    await expectApplied(tenant, 'SELECT 1');
  });

  it('does not put objects of its own before those of the engine', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query(`CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'epoch'::timestamptz $$`);
      await runner.query('CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \'picked\'; END $$');
      await runner.query('CREATE DOMAIN text AS varchar(3)');
      await runner.query('CREATE TEMP TABLE migrations (id int)');
      await runner.query('SET search_path TO acme, pg_catalog');
    });
    expect(await tenant.value(`(SELECT updated_at > '2000-01-01' FROM public.tenant_registry WHERE schema_name = 'acme')`)).toBe(true);
  });

  it('leaves the connection idle, with the role, the search path and the locks of a fresh one', async () => {
    await expectApplied(tenant, 'SELECT 1');
    const [session] = await tenant.database.query(
      `SELECT a.state, count(l.pid)::int AS locks FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid
        WHERE a.datname = current_database() AND a.application_name = 'tenancy-migrations' GROUP BY a.pid, a.state ORDER BY locks DESC LIMIT 1`,
    );
    expect(session).toEqual({ state: 'idle', locks: 0 });
  });
});
