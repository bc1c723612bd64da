import { Table, TableForeignKey } from 'typeorm';
import { expectApplied, expectRefused, LOGINS, ProbedTenant } from './support/probed-tenant';

const FOREIGN_KEY = new TableForeignKey({
  name: 'country_fk', columnNames: ['country'], referencedSchema: 'public', referencedTableName: 'public.country', referencedColumnNames: ['code'],
});

describe.each(LOGINS)('A table of public that the public track granted to all, in a tenant migration run by a %s login,', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it('can be read', async () => {
    await expectApplied(tenant, 'CREATE TABLE read AS SELECT name FROM public.country');
    expect(await tenant.value('(SELECT array_agg(name) FROM acme.read)')).toEqual(['Switzerland']);
  });

  it('can be joined, and copied, and looked at through a view', async () => {
    await expectApplied(tenant, 'CREATE VIEW shown AS SELECT t.id, c.name FROM things t JOIN public.country c ON c.code = t.country');
    await expectApplied(tenant, 'CREATE TABLE alike (LIKE public.country INCLUDING DEFAULTS)');
    expect(await tenant.value('(SELECT name FROM acme.shown)')).toBe('Switzerland');
  });


  it('can be the target of a foreign key, which is checked', async () => {
    await expectApplied(tenant, 'CREATE TABLE home (country text REFERENCES public.country)');
    const report = await tenant.migrate(`INSERT INTO home VALUES ('XX')`);
    expect(report.error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '23503' });
    await expectApplied(tenant, `INSERT INTO home VALUES ('CH')`);
  });

  it('can be the target of a foreign key by createForeignKey, and lose it by dropForeignKey', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'helped', columns: [{ name: 'country', type: 'text' }] }));
      await runner.createForeignKey('helped', FOREIGN_KEY);
    });
    expect(await tenant.value(`(SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = 'country_fk')`)).toMatch(/country/);
    await expectApplied(tenant, (runner) => runner.dropForeignKey('helped', 'country_fk'));
  });

  // PostgreSQL takes ACCESS EXCLUSIVE on the referenced table too; nothing of it changes.
  it.each([
    ['the constraint', 'ALTER TABLE bound DROP CONSTRAINT bound_country_fkey'],
    ['the column', 'ALTER TABLE bound DROP COLUMN country'],
    ['the table', 'DROP TABLE bound'],
  ])('lets go of a foreign key that an earlier step made, with %s', async (_, sql) => {
    await expectApplied(tenant, 'DROP TABLE IF EXISTS bound');
    await expectApplied(tenant, 'CREATE TABLE bound (country text REFERENCES public.country)');
    await expectApplied(tenant, sql);
    expect(await tenant.value(`(SELECT count(*)::int FROM pg_constraint WHERE conname = 'bound_country_fkey')`)).toBe(0);
  });

  it('lets go of a foreign key within the step that made it', () =>
    expectApplied(tenant, 'CREATE TABLE brief (country text REFERENCES public.country); DROP TABLE brief'));

  it('takes rows where that is granted, with its sequence', async () => {
    await expectApplied(tenant, `INSERT INTO public.feedback (text) VALUES ('hello')`);
    expect(await tenant.value('(SELECT text FROM public.feedback)')).toBe('hello');
  });

  it.each([
    ['UPDATE', `UPDATE public.feedback SET text = ''`], ['DELETE', 'DELETE FROM public.feedback'], ['TRUNCATE', 'TRUNCATE public.feedback'],
    ['SELECT', 'SELECT * FROM public.feedback'], ['ALTER', 'ALTER TABLE public.feedback ADD COLUMN x int'],
  ])('takes no %s beside the INSERT that is granted', (_, sql) => expectRefused(tenant, sql, 'feedback'));

  it('takes no write where only SELECT and REFERENCES are granted', () =>
    expectRefused(tenant, `INSERT INTO public.country VALUES ('XX', 'Nowhere')`, 'country'));

  it('takes no foreign key where none is granted', () => expectRefused(tenant, 'CREATE TABLE greedy (plan int REFERENCES public.plan)', 'plan'));

  it('leaves alone what happens inside of the tenant\'s own schema', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query('CREATE TABLE old (id serial PRIMARY KEY, big text)');
      await runner.query('CREATE TABLE child (old int REFERENCES old ON DELETE CASCADE)');
      await runner.query(`INSERT INTO old (big) VALUES (repeat('x', 100000))`);
      await runner.query('CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM old');
    });
    await expectApplied(tenant, 'REFRESH MATERIALIZED VIEW summary; TRUNCATE old CASCADE; ANALYZE');
    await expectApplied(tenant, 'DROP MATERIALIZED VIEW summary; ALTER TABLE old RENAME TO older; REINDEX TABLE things');
    await expectApplied(tenant, 'DROP TABLE child; DROP TABLE older');
  });
});
