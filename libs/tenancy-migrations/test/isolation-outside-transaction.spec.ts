import { LOGINS, ProbedTenant } from './support/probed-tenant';

describe.each(LOGINS)('A transaction = false migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  let made = 0;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login, transaction: false });
  });
  afterAll(() => tenant.close());

  it.each([
    ['COMMIT', '«COMMIT»', 'COMMIT'],
    ['BEGIN', '«BEGIN»', 'BEGIN'],
    ['RESET ROLE', '«RESET ROLE»', 'RESET ROLE'],
    ['SET ROLE NONE in a DO block', '«DO', 'DO $$ BEGIN SET ROLE NONE; END $$'],
    ['RESET SESSION AUTHORIZATION', '«RESET SESSION AUTHORIZATION»', 'RESET SESSION AUTHORIZATION'],
    ['DISCARD ALL', '«DISCARD ALL»', 'DISCARD ALL'],
    ['a role that is spelled in escapes', '«SELECT set_config', `SELECT set_config(U&'rol\\0065', 'none', false)`],
    ['a function that is spelled in escapes', '«SELECT U&', `SELECT U&"set\\005fconfig"('role', 'none', false)`],
    ['two statements in one string', 'by itself', 'SELECT 1; CREATE TABLE stray (id int)'],
    ['a write to public', 'tenant_registry', 'DELETE FROM public.tenant_registry'],
    ['a table in public', 'schema public', 'CREATE TABLE public.stray (id int)'],
    ['a write to another tenant', 'schema neighbour', 'DELETE FROM neighbour.things'],
    ['an index on another tenant', 'schema neighbour', 'CREATE INDEX CONCURRENTLY stray ON neighbour.things (label)'],
    ['a write to its own history', 'migrations', 'DELETE FROM migrations'],
  ])('is refused at %s: what ran before stays, what follows does not run, the history lacks it', async (_, names, sql) => {
    const table = `before_${++made}`;
    const world = await tenant.world();
    const report = await tenant.migrate(async (runner) => {
      await runner.query(`CREATE TABLE ${table} (id int)`);
      await runner.query(sql);
      await runner.query('CREATE TABLE after (id int)');
    });
    expect(report).toMatchObject({ applied: [], error: { code: 'ISOLATION_VIOLATION', message: expect.stringContaining(names) } });
    expect((await tenant.world()).rows).toEqual({ ...world.rows, [`acme.${table}`]: null });
    await tenant.database.query(`DROP TABLE acme.${table}`);
    expect(await tenant.world()).toEqual(world);
  });

  it('does not get away with catching a refusal', async () => {
    const report = await tenant.migrate((runner) => runner.query('RESET ROLE').catch(() => undefined));
    expect(report).toMatchObject({ applied: [], error: { code: 'ISOLATION_VIOLATION' } });
  });

  it('is refused when SQL assembled at run time left the role', async () => {
    const report = await tenant.migrate(async (runner) => {
      await runner.query(`DO $$ BEGIN EXECUTE 'RESET' || ' ROLE'; END $$`);
      await runner.query('CREATE TABLE public.stray (id int)');
    });
    expect(report.applied).toEqual([]);
    expect(await tenant.tablesOf('public')).not.toContain('stray');
  });

  it('acts on its own schema, as its own role, and leaves nothing on the connections of the pools', async () => {
    const report = await tenant.migrate(async (runner) => {
      await runner.query('CREATE TABLE indexed (id int)');
      await runner.query('CREATE INDEX CONCURRENTLY indexed_idx ON indexed (id)');
      await runner.query(`SET statement_timeout = '7s'`);
    });
    expect(report.error).toBeUndefined();
    const ownerOf = (name: string): Promise<unknown> => tenant.value(`(SELECT relowner FROM pg_class WHERE oid = 'acme.${name}'::regclass)`);
    expect(await ownerOf('indexed_idx')).toBe(await ownerOf('things'));
    await tenant.migrate(async (runner) => {
      const [{ statement_timeout: timeout }] = (await runner.query('SHOW statement_timeout')) as [{ statement_timeout: string }];
      expect(timeout).toBe('0');
    });
  });
});
