import type { Client } from 'pg';
import { TenancyError, type Migrator } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { failureOf, useTestbed, type Testbed } from './support/testbed';

const CreateKind = migration('CreateKind', 2,
  `CREATE TYPE kind AS ENUM ('a')`,
  'CREATE VIEW notes AS SELECT * FROM note',
  `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'`);
const AddTag = migration('AddTag', 3, 'CREATE TABLE tag (id bigserial PRIMARY KEY, name text)');

const databaseOid = (testbed: Testbed): Promise<unknown> => testbed.value('oid::text FROM pg_database WHERE datname = current_database()');

describe.each(['superuser', 'createrole'] as const)('with a %s login', (login) => {
  const testbed = useTestbed(login);
  let engine: string;
  let tenantRole: string;
  let runtime: string;
  let application: Client;
  beforeAll(async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, CreateKind] });
    await migrator.initPublic();
    await migrator.initTenant({ schema: 'demo' });
    const oid = await databaseOid(testbed);
    engine = testbed.login;
    tenantRole = `tm_${String(oid)}_${(await migrator.tenant('demo')).id}`;
    runtime = `tm_${String(oid)}_runtime`;
    application = await testbed.memberOf(runtime);
  });

  it('the schema and its history belong to the engine', async () => {
    expect(await testbed.value(`nspowner::regrole::text FROM pg_namespace WHERE nspname = 'demo'`)).toBe(engine);
    expect(await testbed.value(`relowner::regrole::text FROM pg_class WHERE oid = 'demo.migrations'::regclass`)).toBe(engine);
  });

  it("what the tenant's migrations made belongs to the tenant's role, which the registry names", async () => {
    expect(await testbed.rows(`
      SELECT relname AS name, relowner::regrole::text AS owner FROM pg_class
       WHERE relnamespace = 'demo'::regnamespace AND relname !~ '^migrations' ORDER BY 1`)).toEqual(
      ['note', 'note_id_seq', 'note_pkey', 'notes'].map((name) => ({ name, owner: tenantRole })));
    expect(await testbed.value(`typowner::regrole::text FROM pg_type WHERE oid = 'demo.kind'::regtype`)).toBe(tenantRole);
    expect(await testbed.value(`proowner::regrole::text FROM pg_proc WHERE oid = 'demo.one'::regproc`)).toBe(tenantRole);
    expect(await testbed.registered('demo')).toMatchObject({ role_name: tenantRole });
  });

  it('nobody logs in as the roles, and they may do nothing by themselves', async () => {
    const mayNothing = { rolcanlogin: false, rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false };
    expect(await testbed.rows(`
      SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls
        FROM pg_roles WHERE rolname = ANY ($1) ORDER BY 1`, [tenantRole, runtime]))
      .toEqual([{ rolname: tenantRole, ...mayNothing }, { rolname: runtime, ...mayNothing }]);
  });

  it("the application's login works with the rows of the tenant, sequences included", async () => {
    await application.query(`INSERT INTO demo.note (text) VALUES ('a'), ('b')`);
    await application.query(`UPDATE demo.note SET text = 'c' WHERE id = 1`);
    await application.query('DELETE FROM demo.note WHERE id = 2');
    expect((await application.query('SELECT * FROM demo.notes')).rows).toEqual([{ id: 1, text: 'c' }]);
  });

  it('also in tables that a later migration makes', async () => {
    const later = await testbed.open({ tenant: [CreateNote, CreateKind, AddTag] });
    expect(await later.upgradeTenant('demo')).toMatchObject({ applied: [AddTag.name] });
    expect((await application.query(`INSERT INTO demo.tag (name) VALUES ('x') RETURNING id`)).rows).toEqual([{ id: '1' }]);
  });

  it.each([
    ['read the registry', 'SELECT * FROM public.tenant_registry'],
    ['write the registry', `UPDATE public.tenant_registry SET status = 'archived'`],
    ['read the journal', 'SELECT * FROM public.migration_step'],
    ['write a history', 'DELETE FROM demo.migrations'],
    ['create in a schema', 'CREATE TABLE demo.stray (id int)'],
    ['create in public', 'CREATE TABLE public.stray (id int)'],
    ['change a table', 'ALTER TABLE demo.note ADD COLUMN stray int'],
    ['empty a table', 'TRUNCATE demo.note'],
    ['become the tenant', 'SET ROLE tenant_role'],
  ])('the application may not %s', async (_, sql) => {
    await expect(application.query(sql.replace('tenant_role', tenantRole))).rejects.toMatchObject({ code: '42501' });
  });

  it('the application may read the history', async () => {
    expect((await application.query('SELECT name FROM demo.migrations ORDER BY id LIMIT 1')).rows).toEqual([{ name: CreateNote.name }]);
  });

  it('a role that an earlier life of the database left behind is said so, in an error that is one of ours', async () => {
    await testbed.rows(`CREATE ROLE tm_${String(await databaseOid(testbed))}_2`);
    const migrator = await testbed.open();
    expect(await failureOf(migrator.initTenant({ schema: 'second' }))).toBeInstanceOf(TenancyError);
    expect(await testbed.value(`to_regnamespace('second')`)).toBeNull();
  });
});

describe('with a runtime role of its own', () => {
  const testbed = useTestbed('createrole');

  it('the application has its privileges by that role', async () => {
    const runtimeRole = `tm_${String(await databaseOid(testbed))}_app`;
    const migrator = await testbed.open({ runtimeRole });
    await expect(migrator.initPublic()).rejects.toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining(`CREATE ROLE "${runtimeRole}"`),
    });
    await testbed.rows(`CREATE ROLE ${runtimeRole}`);
    await migrator.initPublic();
    await migrator.initTenant({ schema: 'demo' });
    const application = await testbed.memberOf(runtimeRole);
    expect((await application.query(`INSERT INTO demo.note (text) VALUES ('a') RETURNING id`)).rows).toEqual([{ id: 1 }]);
    await expect(application.query('TABLE public.tenant_registry')).rejects.toMatchObject({ code: '42501' });
    expect(await testbed.value(`count(*)::int FROM pg_roles WHERE rolname = 'tm_' || $1 || '_runtime'`, await databaseOid(testbed))).toBe(0);
  });
});

describe('with a shared role, and a login that may not create roles', () => {
  const testbed = useTestbed('createrole');
  let sharedRole: string;
  let migrator: Migrator;
  beforeAll(async () => {
    await testbed.rows(`ALTER ROLE ${testbed.login} NOCREATEROLE`);
    sharedRole = `tm_${String(await databaseOid(testbed))}_shared`;
    migrator = await testbed.open({ isolation: { sharedRole } });
  });

  it('init-public asks for the role, and then for membership in it', async () => {
    await expect(migrator.initPublic()).rejects.toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: `Create it: CREATE ROLE "${sharedRole}" NOLOGIN.`,
    });
    await testbed.rows(`CREATE ROLE ${sharedRole} NOLOGIN`);
    const grant = `GRANT "${sharedRole}" TO "${testbed.login}"`;
    await expect(migrator.initPublic()).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING', remedy: `Grant it: ${grant}.` });
    await testbed.rows(grant);
    await expect(migrator.initPublic()).resolves.toMatchObject({ revision: null });
  });

  it('tenants are born and upgraded, and what they make is owned by that role', async () => {
    expect(await migrator.initTenant({ schema: 'demo' })).toMatchObject({ applied: [CreateNote.name], apiKey: expect.any(String) });
    expect(await migrator.initTenant({ schema: 'other' })).toMatchObject({ applied: [CreateNote.name] });
    const next = await testbed.open({ isolation: { sharedRole }, tenant: [CreateNote, AddTag] });
    expect(await next.upgradeTenant('demo')).toMatchObject({ applied: [AddTag.name] });
    expect(await testbed.value(`array_agg(DISTINCT tableowner::text) FROM pg_tables WHERE tablename IN ('note', 'tag')`)).toEqual([sharedRole]);
    expect(await testbed.value(`array_agg(DISTINCT tableowner::text) FROM pg_tables WHERE tablename = 'migrations'`)).toEqual([testbed.login]);
  });

  it('no role is made', async () => {
    expect(await testbed.rows(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'tm\\_' || $1 || '\\_%'`, await databaseOid(testbed))).toEqual([
      { rolname: sharedRole },
    ]);
  });
});

describe('two databases of one server', () => {
  const one = useTestbed('createrole');
  const other = useTestbed('createrole');

  it('have tenants of the same name without meeting', async () => {
    const [first, second] = [await one.open(), await other.open()];
    await Promise.all([first.initPublic(), second.initPublic()]);
    for (const migrator of [first, second]) expect(await migrator.initTenant({ schema: 'demo' })).toMatchObject({ applied: [CreateNote.name] });
    const [mine, theirs] = [await first.tenant('demo'), await second.tenant('demo')];
    expect(mine.id).toBe(theirs.id);
    expect(mine.role).not.toBe(theirs.role);
  });
});
