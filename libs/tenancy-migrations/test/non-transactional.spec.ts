import type { Client } from 'pg';
import type { TargetReport } from 'tenancy-migrations';
import { TableIndex } from 'typeorm';
import { CreateNote, migration, nonTransactional, type Action, type MigrationClass } from './support/migrations';
import { eventually, useTestbed } from './support/testbed';

const After = migration('After', 3, 'CREATE TABLE after_it (id int)');
const unique = nonTransactional('Index', 2, 'CREATE UNIQUE INDEX CONCURRENTLY note_idx ON note (text)');
const plain = nonTransactional('Index', 2, 'CREATE INDEX CONCURRENTLY note_idx ON note (text)');

describe.each(['superuser', 'createrole'] as const)('a migration with transaction = false, run by a %s login', (login) => {
  const testbed = useTestbed(login);
  beforeAll(async () => void (await (await testbed.open()).initPublic()));

  /** A new tenant with these rows in its only table. */
  async function tenantWith(schema: string, ...texts: readonly string[]): Promise<void> {
    await (await testbed.open()).initTenant({ schema });
    for (const text of texts) await testbed.rows(`INSERT INTO ${schema}.note (text) VALUES ($1)`, text);
  }

  const upgrade = async (schema: string, ...migrations: readonly MigrationClass[]): Promise<TargetReport> =>
    (await testbed.open({ tenant: [CreateNote, ...migrations] })).upgradeTenant(schema, { lockWaitMs: 2000 });

  /** The index of a schema, by the name that every test here gives it. */
  const indexOf = async (schema: string): Promise<Record<string, unknown> | undefined> => (await testbed.rows(`
    SELECT indisvalid AS valid, indexrelid::int AS oid, (SELECT rolname FROM pg_roles WHERE oid = relowner) = role_name AS "isTheTenants"
      FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN public.tenant_registry ON schema_name = $1
     WHERE relname = 'note_idx' AND relnamespace = $1::regnamespace`, schema))[0];
  /** CONCURRENTLY waits for it, because its snapshot is older than the index. */
  const oldReader = (schema: string): Promise<Client> =>
    testbed.somebody('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', `SELECT * FROM ${schema}.note`);
  const outcomes = async (schema: string): Promise<unknown[]> => (await testbed.journal(schema)).map(
    ({ migration: name, outcome, transactional }) => `${String(name).replace(/\d+$/, '')} ${String(outcome)}${transactional ? '' : ' outside'}`,
  );

  it('builds its index CONCURRENTLY, as the tenant, and is recorded like any other', async () => {
    await tenantWith('built', 'a', 'b');
    expect(await upgrade('built', unique, After)).toMatchObject({ applied: [unique.name, After.name], revision: After.name });
    expect(await indexOf('built')).toMatchObject({ valid: true, isTheTenants: true });
    expect(await testbed.history('built')).toEqual([CreateNote.name, unique.name, After.name]);
    expect(await outcomes('built')).toEqual(['CreateNote applied', 'Index started outside', 'Index started outside', 'Index applied outside', 'After applied']);
  });

  it('does not take the index of a corrected statement for done', async () => {
    await tenantWith('corrected', 'a');
    await upgrade('corrected', nonTransactional('Index', 2, 'CREATE INDEX CONCURRENTLY note_idx ON note (id)', 'SELECT 1 / 0'));
    expect(await upgrade('corrected', plain)).toMatchObject({ applied: [], error: { code: 'MIGRATION_FAILED', sqlState: '42P07' } });
    await testbed.rows('DROP INDEX corrected.note_idx');
    expect(await upgrade('corrected', plain)).toMatchObject({ applied: [plain.name] });
  });

  it('has its intent in the journal before its first statement ends, and none of its locks delays a writer', async () => {
    await tenantWith('intended', 'a');
    const reader = await oldReader('intended');
    const run = upgrade('intended', plain);
    await testbed.waitingPid();
    expect(await outcomes('intended')).toEqual(['CreateNote applied', 'Index started outside', 'Index started outside']);
    await testbed.rows(`INSERT INTO intended.note (text) VALUES ('meanwhile')`);
    await reader.end();
    expect(await run).toMatchObject({ applied: [plain.name] });
  });

  it('waits for an old transaction for longer than lock_timeout, and succeeds', async () => {
    await tenantWith('old', 'a');
    const impatient = await testbed.open({ tenant: [CreateNote, plain], lockTimeoutMs: 50 });
    const reader = await oldReader('old');
    const run = impatient.upgradeTenant('old');
    await testbed.waitingPid();
    await testbed.value('pg_sleep(0.2)');
    await reader.end();
    expect(await run).toMatchObject({ applied: [plain.name] });
  });

  it('that fails is reported and in the journal, leaves its index INVALID, and makes the later ones wait', async () => {
    await tenantWith('failing', 'twice', 'twice');
    const { applied, error } = await upgrade('failing', unique, After);
    expect({ applied, error: error?.toJSON() }).toMatchObject({
      applied: [], error: { code: 'MIGRATION_FAILED', schema: 'failing', migration: unique.name, sqlState: '23505' },
    });
    expect(await indexOf('failing')).toMatchObject({ valid: false });
    expect(await testbed.history('failing')).toEqual([CreateNote.name]);
    expect(await testbed.value(`to_regclass('failing.after_it')`)).toBeNull();
    expect(await outcomes('failing')).toEqual(['CreateNote applied', 'Index started outside', 'Index started outside', 'Index failed outside']);
    expect((await testbed.journal('failing')).at(-1)).toMatchObject({ sql_state: '23505', statements: 1, error_message: error?.message });
  });

  it('that failed is resumed once the data is mended: the INVALID index is dropped and built again', async () => {
    const left = await indexOf('failing');
    await testbed.rows('DELETE FROM failing.note WHERE id = 2');
    expect(await upgrade('failing', unique, After)).toMatchObject({ applied: [unique.name, After.name] });
    const built = await indexOf('failing');
    expect(built).toMatchObject({ valid: true, isTheTenants: true });
    expect(built?.['oid']).not.toBe(left?.['oid']);
  });

  it('that built its index and lost its history row is resumed: the index is kept, and the row is written', async () => {
    await tenantWith('cut', 'a');
    await upgrade('cut', plain);
    const built = await indexOf('cut');
    await testbed.rows('DELETE FROM cut.migrations WHERE name = $1', plain.name);
    await testbed.rows(`DELETE FROM public.migration_step WHERE schema_name = 'cut' AND outcome = 'applied' AND NOT transactional`);
    expect(await upgrade('cut', plain)).toMatchObject({ applied: [plain.name] });
    expect(await indexOf('cut')).toEqual(built);
    expect(await testbed.history('cut')).toEqual([CreateNote.name, plain.name]);
  });

  it.each(['CREATE INDEX CONCURRENTLY IF NOT EXISTS note_idx ON note (text)', 'CREATE UNIQUE INDEX CONCURRENTLY "note_idx" ON note (text)'])(
    'that was killed during «%s» is resumed', async (sql) => {
      const schema = `killed_${sql.length}`;
      const Killed = nonTransactional('Killed', 2, sql);
      await tenantWith(schema, 'a');
      const reader = await oldReader(schema);
      const run = upgrade(schema, Killed);
      await testbed.rows('SELECT pg_terminate_backend($1)', await testbed.waitingPid());
      expect((await run).error).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
      await reader.end();
      await eventually(async () => (await indexOf(schema))?.['valid'] === false);
      expect(await upgrade(schema, Killed)).toMatchObject({ applied: [Killed.name] });
      expect(await indexOf(schema)).toMatchObject({ valid: true });
    },
  );

  it('does not take an index that was there before it for its own work, however often it is tried', async () => {
    await tenantWith('occupied', 'a');
    await testbed.rows('CREATE INDEX note_idx ON occupied.note (id)');
    const refused = { applied: [], error: { code: 'MIGRATION_FAILED', sqlState: '42P07' } };
    for (let run = 1; run <= 2; run++) expect(await upgrade('occupied', plain)).toMatchObject(refused);
    expect(await testbed.history('occupied')).toEqual([CreateNote.name]);
  });

  it('runs its statements once, however long its history row has to wait', async () => {
    await tenantWith('unrepeatable', 'a');
    const migrator = await testbed.open({ tenant: [CreateNote, nonTransactional('Once', 2, `CREATE TYPE mood AS ENUM ('good')`)] });
    const holder = await testbed.somebody('LOCK TABLE unrepeatable.migrations IN SHARE MODE');
    const run = migrator.upgradeTenant('unrepeatable');
    await testbed.waitingPid();
    await testbed.value('pg_sleep(0.8)');
    await holder.end();
    expect(await run).toMatchObject({ applied: ['Once1700000000002'] });
  });

  it('goes to the server by the direct URL, where there is one', async () => {
    await tenantWith('direct', 'a');
    const directUrl = Object.assign(new URL(testbed.database.url), { pathname: '/no_such_database' }).toString();
    const migrator = await testbed.open({ tenant: [CreateNote, migration('Before', 2, 'SELECT 1'), plain], directUrl });
    expect(await migrator.upgradeTenant('direct')).toMatchObject({
      applied: ['Before1700000000002'], error: { code: 'DATABASE_UNREACHABLE', fields: { sqlState: '3D000' } },
    });
  });

  it('drops an index CONCURRENTLY, also when a run that was cut off had dropped it', async () => {
    const Drop = nonTransactional('Drop', 3, 'DROP INDEX CONCURRENTLY note_idx');
    await tenantWith('dropping', 'a');
    await upgrade('dropping', plain, Drop);
    expect(await indexOf('dropping')).toBeUndefined();
    await testbed.rows('DELETE FROM dropping.migrations WHERE name = $1', Drop.name);
    await testbed.rows(`DELETE FROM public.migration_step WHERE schema_name = 'dropping' AND outcome = 'applied' AND migration = $1`, Drop.name);
    expect(await upgrade('dropping', plain, Drop)).toMatchObject({ applied: [Drop.name] });
  });

  it.each<[string, Action, Action]>([
    ['by name', (runner) => runner.createIndex('note', new TableIndex({ name: 'note_idx', columnNames: ['text'], isConcurrent: true })),
      (runner) => runner.dropIndex('note', new TableIndex({ name: 'note_idx', columnNames: ['text'], isConcurrent: true }))],
    ['without a name, which TypeORM then gives it',
      (runner) => runner.createIndex('note', new TableIndex({ columnNames: ['text'], isConcurrent: true })),
      async (runner) => runner.dropIndex('note', (await runner.getTable('note'))?.indices[0] ?? 'none')],
  ])("works through TypeORM's createIndex and dropIndex %s", async (how, create, drop) => {
    const schema = `typeorm_${how.length}`;
    const indices = (): Promise<unknown> => testbed.value(
      `count(*)::int FROM pg_indexes WHERE schemaname = $1 AND tablename = 'note' AND indexname <> 'note_pkey'`, schema,
    );
    await tenantWith(schema, 'a');
    expect(await upgrade(schema, nonTransactional('Create', 2, create))).not.toHaveProperty('error');
    expect(await indices()).toBe(1);
    expect(await upgrade(schema, nonTransactional('Create', 2, create), nonTransactional('Drop', 3, drop))).not.toHaveProperty('error');
    expect(await indices()).toBe(0);
  });

  it('may not leave it to PostgreSQL to name an index', async () => {
    await tenantWith('nameless', 'a');
    const { error } = await upgrade('nameless', nonTransactional('Nameless', 2, 'CREATE INDEX CONCURRENTLY ON note (text)'));
    expect(error).toMatchObject({
      message: expect.stringMatching(/must have a name/), fields: { schema: 'nameless', migration: 'Nameless1700000000002' },
    });
    expect(await testbed.value(`count(*)::int FROM pg_indexes WHERE schemaname = 'nameless' AND indexname LIKE 'note_text%'`)).toBe(0);
  });

  it('is what CREATE INDEX CONCURRENTLY in an ordinary migration is told to be', async () => {
    await tenantWith('ordinary', 'a');
    const { error } = await upgrade('ordinary', migration('Ordinary', 2, 'CREATE INDEX CONCURRENTLY note_idx ON note (text)'));
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', fields: { sqlState: '25001' }, remedy: expect.stringContaining('transaction = false') });
    expect(await indexOf('ordinary')).toBeUndefined();
  });

  it('leaves no session behind, and no lock', async () => {
    await eventually(async () => (await testbed.value(`
      count(*)::int FROM pg_locks JOIN pg_database ON pg_database.oid = database
       WHERE locktype = 'advisory' AND datname = current_database()`)) === 0);
    expect(await upgrade('built', unique, After)).toMatchObject({ applied: [] });
  });
});
