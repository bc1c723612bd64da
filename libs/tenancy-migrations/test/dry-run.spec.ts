import type { DryRun, Migrator } from 'tenancy-migrations';
import { Table, TableIndex } from 'typeorm';
import { LOCK_NAMESPACE } from '../src/lib/postgres/locks';
import { CreateNote, migration, nonTransactional } from './support/migrations';
import { failureOf, useTestbed } from './support/testbed';

const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int PRIMARY KEY)');
const IndexNote = nonTransactional('IndexNote', 2, 'CREATE INDEX CONCURRENTLY note_text_idx ON note (text)');
const FillNote = migration('FillNote', 3, (runner) => runner.query('INSERT INTO note (text) VALUES ($1)', ['a value that is given']));
const CreateMood = migration('CreateMood', 4, (runner) => runner.createTable(new Table({
  name: 'mood',
  columns: [{ name: 'id', type: 'int', isPrimary: true }, { name: 'kind', type: 'enum', enum: ['good', 'bad'] }, { name: 'note_id', type: 'int' }],
  foreignKeys: [{ columnNames: ['note_id'], referencedTableName: 'note', referencedColumnNames: ['id'] }],
  uniques: [{ columnNames: ['note_id'] }],
})), (runner) => runner.createIndex('mood', new TableIndex({ columnNames: ['kind'] })));
const track = [CreateNote, IndexNote, FillNote, CreateMood];

describe.each(['superuser', 'createrole'] as const)('a dry run with a %s login', (login) => {
  const testbed = useTestbed(login);
  let migrator: Migrator;
  let before: unknown;
  beforeAll(async () => {
    const first = await testbed.open({ tenant: [CreateNote] });
    await first.initPublic();
    await first.initTenant({ schema: 'demo' });
    migrator = await testbed.open({ tenant: track });
    before = await catalog();
  });
  afterEach(async () => expect(await catalog()).toEqual(before));

  /** Everything that a dry run could leave behind. */
  const catalog = (): Promise<unknown> => testbed.rows(`
    SELECT (SELECT count(*) FROM pg_class) AS classes, (SELECT count(*) FROM pg_namespace) AS namespaces, (SELECT count(*) FROM pg_type) AS types,
           (SELECT array_agg(rolname ORDER BY 1) FROM pg_roles JOIN pg_database ON datname = current_database()
             WHERE rolname LIKE 'tm\\_' || pg_database.oid || '%') AS roles,
           (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'tm\\_scratch%') AS scratch, (SELECT count(*) FROM pg_default_acl) AS acls,
           (SELECT jsonb_agg(r) FROM public.tenant_registry r) AS registry, (SELECT count(*) FROM public.migration_step) AS journal,
           (SELECT count(*) FROM public.migrations) AS public_history, (SELECT count(*) FROM demo.migrations) AS history,
           (SELECT count(*) FROM demo.note) AS notes`);

  it('lists the steps of a tenant that is behind', async () => {
    expect(await migrator.dryRunInitTenant({ schema: 'demo' })).toEqual<DryRun>({
      dryRun: true, track: 'tenant', schema: 'demo', warnings: [],
      steps: [
        { migration: IndexNote.name, transactional: false }, { migration: FillNote.name, transactional: true },
        { migration: CreateMood.name, transactional: true },
      ],
    });
  });

  it('lists all steps of a tenant that is not there yet', async () => {
    expect((await migrator.dryRunInitTenant({ schema: 'newcomer' })).steps.map((step) => step.migration)).toEqual(track.map(({ name }) => name));
  });

  it('lists nothing where nothing is pending', async () => {
    expect(await (await testbed.open({ tenant: [CreateNote] })).dryRunInitTenant({ schema: 'demo' }, { sql: true })).toMatchObject({ steps: [] });
  });

  it('takes no lock, and waits for none, unless it records SQL', async () => {
    const holder = await testbed.lockHolder('demo');
    await holder.query(`SELECT pg_advisory_xact_lock(${LOCK_NAMESPACE}, 0)`);
    await holder.query('LOCK TABLE demo.note');
    expect((await migrator.dryRunInitTenant({ schema: 'demo' })).steps).toHaveLength(3);
  });

  it('lists the SQL of the pending steps, CONCURRENTLY and parameters included', async () => {
    const { steps } = await migrator.dryRunInitTenant({ schema: 'demo' }, { sql: true });
    expect(steps[0]).toEqual({ migration: IndexNote.name, transactional: false, sql: ['CREATE INDEX CONCURRENTLY note_text_idx ON note (text)'] });
    expect(steps[1]).toEqual({ migration: FillNote.name, transactional: true, sql: ['INSERT INTO note (text) VALUES ($1)'] });
  });

  it('lists what TypeORM would send under the names that it would have there, and no look-ups', async () => {
    const sql = (await migrator.dryRunInitTenant({ schema: 'demo' }, { sql: true })).steps[2]?.sql ?? [];
    expect(sql).toEqual([
      expect.stringMatching(/^CREATE TYPE "demo"\."mood_kind_enum" AS ENUM/),
      expect.stringMatching(/^CREATE TABLE "mood" .*REFERENCES "note"/),
      expect.stringMatching(/^CREATE INDEX /),
    ]);
    expect(sql.join()).not.toMatch(/scratch/);
  });

  it('records the SQL of a tenant that is not there yet under its name', async () => {
    const { steps } = await migrator.dryRunInitTenant({ schema: 'newcomer' }, { sql: true });
    expect(steps).toHaveLength(4);
    expect(steps[3]?.sql?.[0]).toContain('"newcomer"."mood_kind_enum"');
  });

  it('says which step does not run, as the run itself would', async () => {
    const failing = await testbed.open({ tenant: [CreateNote, migration('Fails', 2, 'SELECT 1 / 0')] });
    const error = await failureOf(failing.dryRunInitTenant({ schema: 'demo' }, { sql: true }));
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', fields: { schema: 'demo', migration: 'Fails1700000000002', sqlState: '22012' } });
    expect(JSON.stringify(error)).not.toContain('scratch');
  });

  it('refuses what the run itself would refuse', async () => {
    const reaching = await testbed.open({ tenant: [CreateNote, migration('Reaches', 2, 'DELETE FROM public.tenant_registry')] });
    await expect(reaching.dryRunInitTenant({ schema: 'demo' }, { sql: true })).rejects.toMatchObject({ code: 'ISOLATION_VIOLATION' });
  });

  it('lists the steps of the public track, and its SQL', async () => {
    const later = await testbed.open({ public: [CreatePlan], tenant: track });
    const plan = { dryRun: true, track: 'public', schema: 'public', warnings: [] };
    expect(await later.dryRunInitPublic()).toEqual({ ...plan, steps: [{ migration: CreatePlan.name, transactional: true }] });
    expect(await later.dryRunInitPublic({ sql: true })).toEqual({
      ...plan, steps: [{ migration: CreatePlan.name, transactional: true, sql: ['CREATE TABLE plan (id int PRIMARY KEY)'] }],
    });
  });
});

describe('a dry run', () => {
  const testbed = useTestbed();

  it('shows on an empty database what init-public would prepare, and prepares nothing', async () => {
    const migrator = await testbed.open({ public: [CreatePlan] });
    const { steps } = await migrator.dryRunInitPublic({ sql: true });
    expect(steps.map((step) => step.migration)).toEqual([
      '(preparation of the database)', 'CreateTenantRegistry1767225600000', 'CreateMigrationStep1767225600001', CreatePlan.name,
    ]);
    expect(steps[0]?.sql).toContain('CREATE SCHEMA extensions');
    expect((await migrator.dryRunInitPublic()).steps.map((step) => step.migration)).toEqual([
      'CreateTenantRegistry1767225600000', 'CreateMigrationStep1767225600001', CreatePlan.name,
    ]);
    expect(await testbed.rows(`SELECT nspname FROM pg_namespace WHERE nspname = 'extensions'`)).toEqual([]);
    expect(await testbed.value(`count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toBe(0);
  });

  it('does not plan for a schema that nobody registered, as no run would touch it', async () => {
    const migrator = await testbed.open();
    await migrator.initPublic();
    await testbed.rows('CREATE SCHEMA somebodys');
    await expect(migrator.dryRunInitTenant({ schema: 'somebodys' })).rejects.toMatchObject({ code: 'UNREGISTERED_SCHEMA' });
  });

  it('does not plan for a tenant that is suspended, as no run would touch it', async () => {
    await (await testbed.open()).initTenant({ schema: 'paused' });
    await testbed.rows(`UPDATE public.tenant_registry SET status = 'suspended' WHERE schema_name = 'paused'`);
    const next = await testbed.open({ tenant: [CreateNote, FillNote] });
    await expect(next.dryRunInitTenant({ schema: 'paused' })).rejects.toMatchObject({ code: 'TENANT_NOT_ACTIVE' });
  });

  it('shows the constraint names that the run then makes', async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, CreateMood] });
    const planned = (await migrator.dryRunInitTenant({ schema: 'named' }, { sql: true })).steps.flatMap(({ sql = [] }) => sql).join();
    await migrator.initTenant({ schema: 'named' });
    const made = await testbed.rows(`
      SELECT conname AS name FROM pg_constraint WHERE conrelid = 'named.mood'::regclass AND contype IN ('p', 'u', 'f')`);
    expect(made).toHaveLength(3);
    for (const { name } of made) expect(planned).toContain(`"${String(name)}"`);
  });
});
