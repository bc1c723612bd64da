import { openMigrator } from 'tenancy-migrations';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { expectApplied, expectRefused, LOGINS, ProbedTenant, type Up } from './support/probed-tenant';

/** What the migration does, what the error names, how. */
type Trespass = readonly [does: string, names: string, up: Up];

const ON_PUBLIC: readonly Trespass[] = [
  ['adds a row to the registry', 'tenant_registry', `INSERT INTO public.tenant_registry (tenant_name, schema_name) VALUES ('x', 'x')`],
  ['changes the registry', 'tenant_registry', `UPDATE public.tenant_registry SET status = 'archived'`],
  ['reads the registry with its keys', 'tenant_registry', 'CREATE TABLE stolen AS SELECT api_key FROM public.tenant_registry'],
  ['writes the journal', 'migration_step', 'DELETE FROM public.migration_step'],
  ['creates a table in public', 'schema public', 'CREATE TABLE public.stray (id int)'],
  ['creates a function in public', 'schema public', 'CREATE FUNCTION public.stray() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
  ['creates a type in public', 'schema public', `CREATE TYPE public.mood AS ENUM ('good')`],
  ['writes a shared table that it may read', 'country', `UPDATE public.country SET name = 'Helvetia'`],
  ['alters a shared table', 'country', 'ALTER TABLE public.country ADD COLUMN flag text'],
  ['indexes a shared table', 'country', 'CREATE INDEX stray ON public.country (name)'],
  ['drops a shared table', 'country', 'DROP TABLE public.country CASCADE'],
  ['draws from a sequence of public', 'plan_id_seq', `SELECT nextval('public.plan_id_seq')`],
  ['reads a table of public that nobody granted', 'plan', 'SELECT * FROM public.plan'],
  ['moves its own table to public', 'schema public', 'ALTER TABLE things SET SCHEMA public'],
  ['writes to public by SQL in a DO block', 'tenant_registry', `DO $$ BEGIN EXECUTE 'DELETE FROM public.' || 'tenant_registry'; END $$`],
  ['writes to public by a function of its own', 'tenant_registry', async (runner) => {
    await runner.query(`CREATE FUNCTION sweep() RETURNS void LANGUAGE sql AS 'DELETE FROM public.tenant_registry'`);
    await runner.query('SELECT sweep()');
  }],
  ['writes to public after SET search_path', 'tenant_registry', async (runner) => {
    await runner.query('SET search_path TO public');
    await runner.query('DELETE FROM tenant_registry');
  }],
  ['creates in public after SET search_path', 'schema public', 'SET search_path TO public; CREATE TABLE stray (id int)'],
  ['creates in public after SET LOCAL search_path', 'schema public', 'SET LOCAL search_path TO public; CREATE TABLE stray (id int)'],
  ['creates in public after set_config', 'schema public', `SELECT set_config('search_path', 'public', false); CREATE TABLE stray (id int)`],
  ['creates a schema', 'database', 'CREATE SCHEMA stray'],
  ['creates in the schema of the extensions', 'schema extensions', 'CREATE TABLE extensions.stray (id int)'],
  ['creates a role', 'role', 'CREATE ROLE stray'],
  ['installs an extension', 'extension', 'CREATE EXTENSION hstore'],
  ['changes its own role for later', 'pg_db_role_setting', 'ALTER ROLE CURRENT_USER SET search_path = public'],
];

const ON_ANOTHER_TENANT: readonly Trespass[] = [
  ['creates a table there', 'schema neighbour', 'CREATE TABLE neighbour.stray (id int)'],
  ['reads a table there', 'schema neighbour', 'SELECT * FROM neighbour.things'],
  ['writes a table there', 'schema neighbour', `INSERT INTO neighbour.things VALUES (2, 'stray')`],
  ['drops a table there', 'schema neighbour', 'DROP TABLE neighbour.things'],
  ['points a foreign key at a table there', 'schema neighbour', 'CREATE TABLE stray (id int REFERENCES neighbour.things)'],
  ['drops the schema', 'neighbour', 'DROP SCHEMA neighbour CASCADE'],
  ['writes there by SQL in a DO block', 'schema neighbour', `DO $$ BEGIN EXECUTE format('DELETE FROM %I.things', 'neighbour'); END $$`],
  ['writes there by quoted name', 'schema neighbour', 'TRUNCATE "neighbour"."things"'],
];

const ON_ITS_OWN_HISTORY: readonly Trespass[] = [
  ['adds a row', 'migrations', `INSERT INTO migrations ("timestamp", name) VALUES (1, 'Lie1700000000009')`],
  ['changes a row', 'migrations', `UPDATE migrations SET name = 'Lie1700000000009'`],
  ['deletes a row', 'migrations', 'DELETE FROM migrations'],
  ['empties it', 'migrations', 'TRUNCATE migrations'],
  ['drops it', 'migrations', 'DROP TABLE migrations'],
  ['alters it', 'migrations', 'ALTER TABLE migrations ADD COLUMN note text'],
  ['renames it', 'migrations', 'ALTER TABLE migrations RENAME TO old_migrations'],
  ['puts a trigger on it', 'migrations', async (runner) => {
    await runner.query('CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$');
    await runner.query('CREATE TRIGGER swallow BEFORE INSERT ON migrations FOR EACH ROW EXECUTE FUNCTION swallow()');
  }],
  ['locks it', 'migrations', 'LOCK TABLE migrations IN ACCESS EXCLUSIVE MODE'],
  ['clears its schema with TypeORM', 'migrations', (runner) => runner.clearDatabase()],
  ['drops its schema', 'acme', 'DROP SCHEMA acme CASCADE'],
  ['renames its schema', 'acme', 'ALTER SCHEMA acme RENAME TO stray'],
];

abstract class SqlMigration implements MigrationInterface {
  abstract readonly sql: string;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(this.sql);
  }

  async down(): Promise<void> {}
}

class MakeFirst1800000000000 extends SqlMigration {
  readonly sql = 'CREATE TABLE first (id int)';
}

class ReachOut1800000000001 extends SqlMigration {
  readonly sql = 'DROP TABLE public.country CASCADE';
}

class MakeLast1800000000002 extends SqlMigration {
  readonly sql = 'CREATE TABLE last (id int)';
}

describe.each(LOGINS)('A tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it.each(ON_PUBLIC)('is refused and rolled back when it %s', (_, names, up) => expectRefused(tenant, up, names));

  it.each(ON_ANOTHER_TENANT)('is refused and rolled back when it reaches for another tenant and %s', (_, names, up) =>
    expectRefused(tenant, up, names));

  it.each(ON_ITS_OWN_HISTORY)('is refused and rolled back when it takes its own history or schema and %s', (_, names, up) =>
    expectRefused(tenant, up, names));

  // PostgreSQL leaves a schema that the role may not use out of the search path: the names there are unknown, not forbidden.
  it.each([
    ['creates', 'no schema has been selected', 'CREATE TABLE stray (id int)'],
    ['writes', 'things', `INSERT INTO things VALUES (2, 'stray')`],
    ['drops', 'things', 'DROP TABLE things'],
  ])('does not find the tables of another tenant when it %s after SET search_path', (_, names, sql) =>
    expectRefused(tenant, `SET search_path TO neighbour; ${sql}`, names, 'MIGRATION_FAILED'));

  it('is refused when it goes on after a refused statement', () => expectRefused(tenant, async (runner) => {
    await runner.query('COMMIT').catch(() => undefined);
    await runner.query('CREATE TABLE went_on (id int)');
  }, '«COMMIT»'));

  it('is refused when it catches a refusal in a nested transaction, rolls that back and goes on', () => expectRefused(tenant, async (runner) => {
    await runner.startTransaction();
    await runner.query('RESET ROLE').catch(() => runner.rollbackTransaction());
    await runner.query('CREATE TABLE went_on (id int)');
  }, '«RESET ROLE»'));

  it('fails when it catches a failed statement and goes on', () => expectRefused(tenant, async (runner) => {
    await runner.query('DELETE FROM public.tenant_registry').catch(() => undefined);
    await runner.query('CREATE TABLE went_on (id int)');
  }, '25P02', 'MIGRATION_FAILED'));

  it('fails when its last statement failed and it caught that', () => expectRefused(tenant, async (runner) => {
    await runner.query('SELECT 1 / 0').catch(() => undefined);
  }, '25P02', 'MIGRATION_FAILED'));

  it('may have a statement refused by PostgreSQL in a nested transaction that it rolls back', async () => {
    const { rows: before } = await tenant.world();
    await expectApplied(tenant, async (runner) => {
      await runner.startTransaction();
      await runner.query('DELETE FROM public.tenant_registry').catch(() => runner.rollbackTransaction());
    });
    expect((await tenant.world()).rows['neighbour.things']).toEqual(before['neighbour.things']);
    expect(await tenant.value('(SELECT count(*)::int FROM public.tenant_registry)')).toBe(2);
  });

  it('leaves what the same run applied before it, and stops there', async () => {
    const migrations = [MakeFirst1800000000000, ReachOut1800000000001, MakeLast1800000000002];
    const migrator = await openMigrator({ url: tenant.database.url, public: {}, tenant: { migrations } });
    const report = await migrator.initTenant({ schema: 'newcomer' });
    expect(report).toMatchObject({ applied: ['MakeFirst1800000000000'], error: { code: 'ISOLATION_VIOLATION' } });
    expect(report.apiKey).toBeUndefined();
    expect(await tenant.tablesOf('newcomer')).toEqual(['first']);
    expect(await migrator.status('newcomer')).toMatchObject({ pending: ['ReachOut1800000000001', 'MakeLast1800000000002'] });
    await migrator.close();
  });

  it('says in the journal what it was refused for', async () => {
    await tenant.migrate('DROP TABLE public.country CASCADE');
    const [entry] = await tenant.database.query('SELECT * FROM public.migration_step ORDER BY id DESC LIMIT 1');
    expect(entry).toMatchObject({
      outcome: 'failed', error_code: 'ISOLATION_VIOLATION', sql_state: '42501', error_message: expect.stringContaining('country'),
    });
  });
});
