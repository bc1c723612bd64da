import { expectApplied, expectRefused, LOGINS, ProbedTenant } from './support/probed-tenant';

describe.each(LOGINS)('With one role that all tenants share, a tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login, sharedRole: true });
  });
  afterAll(() => tenant.close());

  it('works in its own schema, as the shared role', async () => {
    await expectApplied(tenant, 'CREATE TABLE own (id int); ALTER TABLE things ADD COLUMN size int; CREATE INDEX own_idx ON own (id)');
    expect(await tenant.value(`(SELECT tableowner FROM pg_tables WHERE schemaname = 'acme' AND tablename = 'own')`)).toMatch(/_shared$/);
    await expectApplied(tenant, 'DROP TABLE own; ALTER TABLE things DROP COLUMN size');
  });

  it.each([
    ['writes the registry', 'tenant_registry', 'DELETE FROM public.tenant_registry'],
    ['reads the registry', 'tenant_registry', 'SELECT api_key FROM public.tenant_registry'],
    ['creates a table in public', 'schema public', 'CREATE TABLE public.stray (id int)'],
    ['writes a shared table', 'country', 'DELETE FROM public.country'],
    ['adds to its own history', 'migrations', `INSERT INTO migrations ("timestamp", name) VALUES (1, 'Lie1700000000009')`],
    ['drops its own history', 'migrations', 'DROP TABLE migrations'],
    ['drops its own schema', 'acme', 'DROP SCHEMA acme CASCADE'],
    ['writes the history of another tenant', 'migrations', 'DELETE FROM neighbour.migrations'],
    ['ends its transaction', '«COMMIT»', 'COMMIT'],
    ['leaves its role', '«RESET ROLE»', 'RESET ROLE'],
  ])('is refused by PostgreSQL or the guard when it %s', (_, names, sql) => expectRefused(tenant, sql, names));

  // PostgreSQL lets the shared role; what the step has locked tells.
  it.each([
    ['creates a table there', 'neighbour.stray', 'CREATE TABLE neighbour.stray (id int)'],
    ['inserts there', 'neighbour.things', `INSERT INTO neighbour.things VALUES (2, 'stray')`],
    ['updates there', 'neighbour.things', `UPDATE neighbour.things SET label = 'stray'`],
    ['deletes there', 'neighbour.things', 'DELETE FROM neighbour.things'],
    ['writes nothing there, but tries', 'neighbour.things', 'DELETE FROM neighbour.things WHERE false'],
    ['empties a table there', 'neighbour.things', 'TRUNCATE neighbour.things'],
    ['alters a table there', 'neighbour.things', 'ALTER TABLE neighbour.things ADD COLUMN stray int'],
    ['drops a table there', 'neighbour.things', 'DROP TABLE neighbour.things'],
    ['indexes a table there', 'neighbour.things', 'CREATE INDEX stray ON neighbour.things (label)'],
    ['points a foreign key there', 'neighbour.things', 'CREATE TABLE stray (id int REFERENCES neighbour.things)'],
    ['moves a table of its own there', 'neighbour.moved', 'CREATE TABLE moved (id int); ALTER TABLE moved SET SCHEMA neighbour'],
    ['reads there', 'neighbour.things', 'SELECT * FROM neighbour.things'],
    ['writes there after SET search_path', 'neighbour.things', 'SET search_path TO neighbour; DELETE FROM things'],
    ['writes there by dynamic SQL', 'neighbour.things', `DO $$ BEGIN EXECUTE format('DELETE FROM %I.things', 'neighbour'); END $$`],
    ['writes there in a savepoint that it keeps', 'neighbour.things', 'SAVEPOINT a; DELETE FROM neighbour.things; RELEASE a'],
  ])('is found out and rolled back when it reaches for another tenant and %s', (_, names, sql) => expectRefused(tenant, sql, names));

  it('is not blamed for what it rolled back itself', async () => {
    await expectApplied(tenant, 'SAVEPOINT a; DELETE FROM neighbour.things; ROLLBACK TO a');
    expect(await tenant.value('(SELECT count(*)::int FROM neighbour.things)')).toBe(1);
  });
});
