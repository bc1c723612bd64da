import type { QueryRunner } from 'typeorm';
import { expectApplied, expectRefused, LOGINS, ProbedTenant, type Up } from './support/probed-tenant';

const PREY = 'DELETE FROM public.tenant_registry';

/** Every way that TypeORM has to the database from a QueryRunner, each with SQL that must meet the tenant's role. */
const WAYS: readonly (readonly [way: string, send: (runner: QueryRunner, sql: string) => Promise<unknown>])[] = [
  ['queryRunner.query', (runner, sql) => runner.query(sql)],
  ['queryRunner.connection.query', (runner, sql) => runner.connection.query(sql)],
  ['queryRunner.connection.manager.query', (runner, sql) => runner.connection.manager.query(sql)],
  ['queryRunner.connection.transaction', (runner, sql) => runner.connection.transaction((manager) => manager.query(sql))],
  ['queryRunner.manager.query', (runner, sql) => runner.manager.query(sql)],
  ['queryRunner.manager.connection.query', (runner, sql) => runner.manager.connection.query(sql)],
  ['queryRunner.manager.transaction', (runner, sql) => runner.manager.transaction((manager) => manager.query(sql))],
  ['the client of queryRunner.connect', async (runner, sql) => ((await runner.connect()) as { query(text: string): Promise<unknown> }).query(sql)],
];

/** What would bring a connection of its own, outside of the transaction, the role and the schema; and what nobody can look into. */
const SECOND_RUNNERS: readonly (readonly [way: string, up: (runner: QueryRunner) => unknown])[] = [
  ['queryRunner.connection.createQueryRunner', (runner) => runner.connection.createQueryRunner().query(PREY)],
  ['queryRunner.manager.connection.createQueryRunner', (runner) => runner.manager.connection.createQueryRunner().query(PREY)],
  ['queryRunner.connection.createQueryBuilder', (runner) => runner.connection.createQueryBuilder().delete().from('public.tenant_registry').execute()],
  ['queryRunner.connection.synchronize', (runner) => runner.connection.synchronize()],
  ['queryRunner.connection.dropDatabase', (runner) => runner.connection.dropDatabase()],
  ['queryRunner.connection.runMigrations', (runner) => runner.connection.runMigrations()],
  ['a query object, as streams and cursors are',
    async (runner) => ((await runner.connect()) as { query(what: object): unknown }).query({ text: PREY })],
];

/** As often as this the migration speaks again after it said that it was done; each time the step is one statement further. */
const LATE = Array.from({ length: 14 }, (_, statements) => statements);

describe.each(LOGINS)('The QueryRunner of a tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it.each(WAYS)('keeps to the role by way of %s', (_, send) => expectRefused(tenant, (runner) => send(runner, PREY), 'tenant_registry'));

  it.each(WAYS)('refuses the end of the transaction by way of %s', (_, send) =>
    expectRefused(tenant, (runner) => send(runner, 'COMMIT'), '«COMMIT»'));

  it.each(WAYS)('works in the schema and the transaction of the step by way of %s', async (way, send) => {
    await expectApplied(tenant, async (runner) => {
      await send(runner, 'CREATE TABLE made (id int)');
      await runner.query(`INSERT INTO made VALUES (${WAYS.findIndex(([name]) => name === way)})`);
      await runner.query('ALTER TABLE made RENAME TO "made this way"');
    });
    expect(await tenant.tablesOf('acme')).toEqual(['made this way', 'things']);
    await tenant.database.query('DROP TABLE acme."made this way"');
  });

  it.each(SECOND_RUNNERS)('is alone, and refuses %s', (_, up) => expectRefused(tenant, async (runner) => up(runner), ''));

  it.each(SECOND_RUNNERS)('does not forget a refused %s that the migration caught', (_, up) => expectRefused(tenant, async (runner) => {
    try {
      await up(runner);
    } catch {
      await runner.query('CREATE TABLE went_on (id int)');
    }
  }, ''));

  it('leaves the pools alone when a migration closes its DataSource', async () => {
    await tenant.migrate((runner) => runner.connection.destroy());
    await expectApplied(tenant, 'SELECT 1');
  });

  it('runs nothing any more once the step is over', async () => {
    let kept: QueryRunner | undefined;
    await expectApplied(tenant, async (runner) => {
      kept = runner;
    });
    await expect(kept?.query('CREATE TABLE public.late (id int)')).rejects.toThrow();
    await expect(kept?.connection.query('CREATE TABLE public.late (id int)')).rejects.toThrow();
    expect(await tenant.tablesOf('public')).not.toContain('late');
  });

  it.each(LATE)('lets a migration that forgot to await do nothing outside of its schema, %s statements after its end', async (statements) => {
    const before = await tenant.world();
    let finished: Promise<unknown> | undefined;
    await tenant.migrate(forgetful(statements, (late) => void (finished = late)));
    await finished;
    const after = await tenant.world();
    expect({ ...after.rows, 'acme.migrations': 0 }).toEqual({ ...before.rows, 'acme.migrations': 0, 'public.tenant_registry': expect.anything() });
    expect(after.structure).toEqual(before.structure);
  });

  it('refuses the step of a migration that forgot to await', async () => {
    let finished: Promise<unknown> | undefined;
    const report = await tenant.migrate(forgetful(2, (late) => void (finished = late)));
    await finished;
    expect(report).toMatchObject({ applied: [], error: { message: expect.stringContaining('without waiting') } });
  });
});

/** Several statements that nobody waits for, as `rows.forEach(async ...)` makes them; the last one reaches for public. */
function forgetful(statements: number, note: (late: Promise<unknown>) => void): Up {
  return async (runner) => {
    const speakOn = async (): Promise<void> => {
      for (let at = 0; at < statements; at++) await runner.query('SELECT 1');
      await runner.query('CREATE TABLE public.late (id int)');
    };
    note(speakOn().catch(() => undefined));
  };
}
