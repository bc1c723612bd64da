import { expectApplied, expectRefused, LOGINS, ProbedTenant, type Up } from './support/probed-tenant';

/** No guard can read these before they are sent: the statement comes into being on the server, or its words are spelled in escapes. */
const ESCAPES: readonly (readonly [how: string, leave: string])[] = [
  ['RESET ROLE', `EXECUTE 'RESET' || ' ROLE'`],
  ['SET ROLE NONE', `EXECUTE 'SET' || ' ROLE NONE'`],
  ['RESET SESSION AUTHORIZATION', `EXECUTE 'RESET' || ' SESSION AUTHORIZATION'`],
  ['set_config', `PERFORM set_config('ro' || 'le', 'none', false)`],
  ['an update of pg_settings', `UPDATE pg_settings SET setting = 'none' WHERE name = 'role'`],
];

/** What it then does, and the name that the refusal must say. */
const DEEDS: readonly (readonly [does: string, names: string, deed: string])[] = [
  ['changes the registry', 'tenant_registry', `UPDATE public.tenant_registry SET status = 'archived'`],
  ['adds to the registry', 'tenant_registry', `INSERT INTO public.tenant_registry (tenant_name, schema_name) VALUES ('x', 'x')`],
  ['creates a table in public', 'public.stray', 'CREATE TABLE public.stray (id int)'],
  ['writes a shared table', 'public.country', `UPDATE public.country SET name = 'Helvetia'`],
  ['alters a shared table', 'public.country', 'ALTER TABLE public.country ADD COLUMN flag text'],
  ['drops a shared table', 'public.plan', 'DROP TABLE public.plan'],
  ['indexes a shared table', 'public.country', 'CREATE INDEX stray ON public.country (name)'],
  ['creates a view in public', 'public.stray', 'CREATE VIEW public.stray AS SELECT 1 AS one'],
  ['creates a table of another tenant', 'neighbour.stray', 'CREATE TABLE neighbour.stray (id int)'],
  ['writes the history of another tenant', 'neighbour.migrations', 'DELETE FROM neighbour.migrations'],
  ['drops the history of another tenant', 'neighbour.migrations', 'DROP TABLE neighbour.migrations'],
];

const DEEDS_ON_ITS_OWN_HISTORY: typeof DEEDS = [
  ['adds to its own history', 'acme.migrations', `INSERT INTO acme.migrations ("timestamp", name) VALUES (1, 'Lie1700000000009')`],
  ['deletes from its own history', 'acme.migrations', 'DELETE FROM acme.migrations'],
  ['alters its own history', 'acme.migrations', 'ALTER TABLE acme.migrations ADD COLUMN note text'],
];

/** Takes the role off, does it, and puts the role on again, so that nothing shows afterwards. */
function behindTheBack(leave: string, deed: string): string {
  return `DO $do$ DECLARE me text := current_user; BEGIN ${leave}; ${deed}; EXECUTE 'SET' || format(' ROLE %I', me); END $do$`;
}

describe.each(LOGINS)('A tenant migration of SQL assembled at run time, run by a %s login,', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  // A superuser's session stays the tenant's whatever the role, so PostgreSQL says no; any other login is found out before COMMIT.
  it.each(DEEDS)('is refused when it leaves its role and %s', (_, names, deed) =>
    expectRefused(tenant, behindTheBack(`EXECUTE 'RESET' || ' ROLE'`, deed), login === 'superuser' ? '' : names));

  it.each(ESCAPES)('is refused when it leaves its role by %s', async (_, leave) => {
    await expectRefused(tenant, behindTheBack(leave, 'DELETE FROM public.tenant_registry'), 'tenant_registry');
  });

  it('is refused when it becomes another tenant and drops a table there', async () => {
    const role = await tenant.value(`(SELECT role_name FROM public.tenant_registry WHERE schema_name = 'neighbour')`);
    const up = behindTheBack(`EXECUTE 'SET' || ' ROLE ${String(role)}'`, 'DROP TABLE neighbour.things');
    await expectRefused(tenant, up, login === 'superuser' ? String(role) : 'neighbour.things');
  });

  // Without the way back there is nothing to find but the role itself.
  const STAYS: readonly (readonly [how: string, up: Up])[] = [
    ['a DO block', `DO $$ BEGIN EXECUTE 'RESET' || ' ROLE'; END $$`],
    ['set_config with a parameter', (runner) => runner.query('SELECT set_config($1, $2, true)', ['role', 'none'])],
    ['set_config with an escaped name', `SELECT set_config(E'\\x72ole', 'none', true)`],
    ['SET with an escaped name', 'SET U&"\\0072ole" TO none'],
    ['pg_settings', `UPDATE pg_settings SET setting = 'none' WHERE name = 'role'`],
  ];
  it.each(STAYS)('leaves nothing outside of its schema when it leaves its role by %s and stays out', async (_, up) => {
    const report = await tenant.migrate(async (runner) => {
      await (typeof up === 'string' ? runner.query(up) : up(runner));
      await runner.query('CREATE TABLE public.stray (id int)');
    });
    expect(report.error?.code).toBe('ISOLATION_VIOLATION');
    expect(await tenant.value(`to_regclass('public.stray')`)).toBeNull();
  });

  it('is refused when it merely stays out of its role', async () => {
    if (login === 'superuser') return expectApplied(tenant, `DO $$ BEGIN EXECUTE 'RESET' || ' ROLE'; END $$`);
    await expectRefused(tenant, `DO $$ BEGIN EXECUTE 'RESET' || ' ROLE'; END $$`, 'went on as the role');
  });

  it('is refused when a constraint trigger of its own waits for COMMIT to write to public', () => expectRefused(tenant, async (runner) => {
    await runner.query('CREATE TABLE watched (name text)');
    await runner.query(`
      CREATE FUNCTION reach_out() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO public.plan (name) VALUES (NEW.name); RETURN NULL; END $$`);
    await runner.query('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reach_out()');
    await runner.query(`INSERT INTO watched VALUES ('x')`);
  }, 'plan'));

  it('may have a constraint trigger that waits for COMMIT to write to its own tables', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query('CREATE TABLE guarded (id int)');
      await runner.query('CREATE TABLE seen (id int)');
      await runner.query('CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (NEW.id); RETURN NULL; END $$');
      await runner.query('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON guarded DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note()');
      await runner.query('INSERT INTO guarded VALUES (3)');
    });
    expect(await tenant.value('(SELECT array_agg(id) FROM acme.seen)')).toEqual([3]);
  });

  it.each(DEEDS_ON_ITS_OWN_HISTORY)('is refused when it leaves its role and %s', (_, names, deed) =>
    expectRefused(tenant, behindTheBack(`EXECUTE 'RESET' || ' ROLE'`, deed), login === 'superuser' ? '' : names));

  it('commits nothing when it has backslashes read in strings, and so another end of the statement', async () => {
    await expectRefused(tenant, async (runner) => {
      await runner.query('SET standard_conforming_strings = off');
      await runner.query(`SELECT 'it\\'s'; COMMIT; --'`);
    }, '');
  });

  it('commits nothing where the database reads backslashes in strings, and so another end of the statement', async () => {
    await tenant.database.query(`ALTER DATABASE ${tenant.database.name} SET standard_conforming_strings = off`);
    await tenant.reconnect();
    await tenant.forget();
    const before = await tenant.world();
    const report = await tenant.migrate(`CREATE TABLE started (id int); SELECT 'it\\'s'; COMMIT; --'`);
    expect(report.error).toBeDefined();
    expect(await tenant.world()).toEqual(before);
  });
});
