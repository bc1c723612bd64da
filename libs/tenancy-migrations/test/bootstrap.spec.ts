import { DataSource } from 'typeorm';
import { openMigrator, type TenancyError } from 'tenancy-migrations';
import { CreateNote, migration, type MigrationClass } from './support/migrations';
import { failureOf, useTestbed, type Testbed } from './support/testbed';

const extensionsOf = (testbed: Testbed): Promise<Record<string, unknown>[]> => testbed.rows(`
  SELECT extname AS name, extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`);
const inExtensions = (...names: string[]): Record<string, unknown>[] => names.map((name) => ({ name, schema: 'extensions' }));
const mayCreateInPublic = (testbed: Testbed): Promise<unknown> => testbed.value(`
  EXISTS (SELECT 1 FROM aclexplode(nspacl) WHERE grantee = 0 AND privilege_type = 'CREATE') FROM pg_namespace WHERE nspname = 'public'`);

describe.each(['superuser', 'createrole'] as const)('init-public with a %s login', (login) => {
  const testbed = useTestbed(login);
  beforeAll(async () => void (await testbed.rows('GRANT CREATE ON SCHEMA public TO PUBLIC')));

  it('makes nothing at all when an extension is unknown, and names it', async () => {
    const migrator = await testbed.open({ extensions: ['hstore', 'no_such_thing'] });
    const error = await failureOf(migrator.initPublic());
    expect(error).toMatchObject({ message: expect.stringMatching(/extension "no_such_thing" .* not available/) });
    expect(await extensionsOf(testbed)).toEqual([]);
    expect(await testbed.rows(`SELECT nspname FROM pg_namespace WHERE nspname = 'extensions'`)).toEqual([]);
    expect(await testbed.value(`count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toBe(0);
    expect(await mayCreateInPublic(testbed)).toBe(true);
  });

  it('does not tell an administrator to install an extension that the server does not have', async () => {
    const migrator = await testbed.open({ extensions: ['no_such_thing'] });
    await expect(migrator.initPublic()).rejects.not.toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });

  it('installs the extensions, and moves one that it finds in public, if PostgreSQL lets it', async () => {
    await (await testbed.database.client()).query('CREATE EXTENSION citext SCHEMA public');
    const migrator = await testbed.open({ extensions: ['hstore'] });
    if (login === 'createrole') {
      // What a trusted extension consists of belongs to a superuser, even where the login installed it.
      const move = 'ALTER EXTENSION "citext" SET SCHEMA extensions';
      await expect(migrator.initPublic()).rejects.toMatchObject({
        code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining(move), fields: { sqlState: '42501' },
      });
      await testbed.rows('CREATE SCHEMA extensions');
      await testbed.rows(`ALTER SCHEMA extensions OWNER TO ${testbed.login}`);
      await testbed.rows(move);
    }
    expect(await migrator.initPublic()).not.toHaveProperty('error');
    expect(await extensionsOf(testbed)).toEqual(inExtensions('citext', 'hstore', 'pgcrypto', 'uuid-ossp'));
  });

  it('lets nobody else create in public', async () => {
    expect(await mayCreateInPublic(testbed)).toBe(false);
  });

  it('installs what the configuration adds later', async () => {
    await (await testbed.open({ extensions: ['unaccent'] })).initPublic();
    expect(await extensionsOf(testbed)).toEqual(inExtensions('citext', 'hstore', 'pgcrypto', 'unaccent', 'uuid-ossp'));
  });

  it('lets the migrations of both tracks use them by their bare names', async () => {
    const uses = [
      'CREATE TABLE uses (id uuid DEFAULT uuid_generate_v4(), name citext, tags hstore)',
      `INSERT INTO uses (name, tags) VALUES ('A', 'a=>1')`,
    ];
    const migrator = await testbed.open({ public: [migration('Uses', 0, ...uses)], tenant: [migration('Uses', 1, ...uses)] });
    expect(await migrator.initPublic()).not.toHaveProperty('error');
    expect(await migrator.initTenant({ schema: 'demo' })).not.toHaveProperty('error');
    expect(await testbed.value(`name OPERATOR(extensions.=) 'a'::extensions.citext FROM demo.uses`)).toBe(true);
  });

  it('lets no plain CREATE EXTENSION of a migration bring back what is there', async () => {
    const migrator = await testbed.open({ public: [], tenant: [migration('Extends', 1, 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"')] });
    expect(await migrator.initTenant({ schema: 'extending' })).toMatchObject({ applied: ['Extends1700000000001'] });
    expect(await extensionsOf(testbed)).toEqual(inExtensions('citext', 'hstore', 'pgcrypto', 'unaccent', 'uuid-ossp'));
  });
});

describe('an extension that only an administrator can install or move', () => {
  const testbed = useTestbed('createrole');
  beforeAll(async () => void (await testbed.rows('CREATE EXTENSION citext SCHEMA public')));

  it.each([['moved', 'citext'], ['installed', 'dblink']])('is %s by the very statements of the remedy', async (_, extension) => {
    const migrator = await testbed.open({ extensions: [extension] });
    const { remedy } = await failureOf<TenancyError>(migrator.initPublic());
    for (const statement of String(/run: (.*); or/.exec(remedy)?.[1]).split('; ')) await testbed.rows(statement);
    await migrator.initPublic();
    expect(await extensionsOf(testbed)).toContainEqual({ name: extension, schema: 'extensions' });
  });
});

describe('a login that lacks a privilege', () => {
  const testbed = useTestbed('createrole');
  /** A login that is not the owner of the database; it goes with the database, as its name says. */
  async function stranger(name: string, attributes: string, grants: readonly string[]): Promise<{ login: string; url: string }> {
    const login = `tm_${String(await testbed.value('oid::text FROM pg_database WHERE datname = current_database()'))}_${name}`;
    await testbed.rows(`CREATE ROLE ${login} LOGIN PASSWORD 'stranger' ${attributes}`);
    for (const grant of grants) await testbed.rows(`GRANT ${grant} TO ${login}`);
    return { login, url: Object.assign(new URL(testbed.database.adminUrl), { username: login, password: 'stranger' }).toString() };
  }

  async function initPublicAs(url: string): Promise<unknown> {
    const migrator = await openMigrator({ ...testbed.options(), url });
    return failureOf(migrator.initPublic()).finally(() => migrator.close());
  }

  it('CREATE on the database: is told the GRANT', async () => {
    const { login, url } = await stranger('no_create', 'CREATEROLE', []);
    expect(await initPublicAs(url)).toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining(`GRANT CREATE ON DATABASE "${testbed.database.name}" TO "${login}"`),
    });
  });

  it('CREATEROLE: is told the ALTER ROLE, and of the shared role', async () => {
    const { login, url } = await stranger('no_roles', 'NOCREATEROLE', [`CREATE ON DATABASE ${testbed.database.name}`, 'CREATE ON SCHEMA public']);
    expect(await initPublicAs(url)).toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: expect.stringMatching(`ALTER ROLE "${login}" CREATEROLE.*sharedRole`),
    });
  });

  it('CREATE on public: is told the GRANT', async () => {
    const { login, url } = await stranger('no_public', 'CREATEROLE', [`CREATE ON DATABASE ${testbed.database.name}`]);
    expect(await initPublicAs(url)).toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining(`GRANT CREATE ON SCHEMA public TO "${login}"`),
    });
  });

  it('public itself, which is open to all: is told the REVOKE', async () => {
    const { url } = await stranger('not_owner', 'CREATEROLE', [`CREATE ON DATABASE ${testbed.database.name}`]);
    await testbed.rows('GRANT CREATE ON SCHEMA public TO PUBLIC');
    expect(await initPublicAs(url)).toMatchObject({
      code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining('REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
    });
  });

  it('nothing is half-made by then', async () => {
    expect(await testbed.rows(`SELECT nspname FROM pg_namespace WHERE nspname IN ('extensions')`)).toEqual([]);
    expect(await testbed.value(`to_regclass('public.tenancy_migrations')`)).toBeNull();
  });
});

describe('a database whose public schema TypeORM migrated so far', () => {
  const testbed = useTestbed('createrole');
  const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int PRIMARY KEY)');
  const NamePlan = migration('NamePlan', 1, 'ALTER TABLE plan ADD COLUMN name text');

  async function runByTypeorm(migrations: readonly MigrationClass[]): Promise<void> {
    const dataSource = await new DataSource({ type: 'postgres', url: testbed.database.url, migrations: [...migrations] }).initialize();
    await dataSource.runMigrations();
    await dataSource.destroy();
  }

  it('keeps its history, and gets the unique index and what is pending', async () => {
    await runByTypeorm([CreatePlan]);
    const migrator = await testbed.open({ public: [CreatePlan, NamePlan], tenant: [CreateNote] });
    expect(await migrator.statusPublic()).toMatchObject({ applied: [CreatePlan.name], pending: [NamePlan.name], revision: CreatePlan.name });
    await expect(migrator.initTenant({ schema: 'demo' })).rejects.toMatchObject({ code: 'PUBLIC_TRACK_BEHIND', remedy: 'Run init-public first.' });

    expect(await migrator.initPublic()).toMatchObject({ applied: [NamePlan.name], revision: NamePlan.name });
    expect(await testbed.history('public')).toEqual([CreatePlan.name, NamePlan.name]);
    await expect(testbed.rows(`INSERT INTO public.migrations ("timestamp", name) VALUES (1, '${CreatePlan.name}')`)).rejects.toMatchObject({
      code: '23505',
    });
    expect(await migrator.initTenant({ schema: 'demo' })).toMatchObject({ applied: [CreateNote.name] });
  });

  it('is left in TypeORM\'s hands as it was', async () => {
    await runByTypeorm([CreatePlan, NamePlan]);
    expect(await testbed.history('public')).toEqual([CreatePlan.name, NamePlan.name]);
  });
});
