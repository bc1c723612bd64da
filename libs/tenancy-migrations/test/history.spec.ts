import { DataSource } from 'typeorm';
import { sampleProduct } from '@sample/database';
import { openMigrator, type Migrator, type TargetStatus } from 'tenancy-migrations';
import { CreateNote, migration, type MigrationClass } from './support/migrations';
import { useTestbed } from './support/testbed';

const Early = migration('Early', 2, 'ALTER TABLE note ADD COLUMN early int');
const Late = migration('Late', 3, 'ALTER TABLE note ADD COLUMN late int');
const TOO_LATE = `${Early.name} is older than the revision ${Late.name}`;

describe('a pending migration that is older than the revision', () => {
  const testbed = useTestbed();
  let migrator: Migrator;
  beforeAll(async () => {
    const before = await testbed.open({ tenant: [CreateNote, Late] });
    await before.initPublic();
    await before.initTenant({ schema: 'demo' });
    migrator = await testbed.open({ tenant: [CreateNote, Late, Early] });
  });

  it('is said to be out of order', async () => {
    expect(await migrator.status('demo')).toMatchObject({ pending: [Early.name], outOfOrder: [Early.name], revision: Late.name, upToDate: false });
  });

  it.each([
    ['upgrade', () => migrator.upgradeTenant('demo', { strictOrder: true })],
    ['init', () => migrator.initTenant({ schema: 'demo' }, { strictOrder: true })],
    ['dry run', () => migrator.dryRunInitTenant({ schema: 'demo' }, { strictOrder: true })],
  ])('is refused by an %s with strictOrder', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'OUT_OF_ORDER', fields: { schema: 'demo', migrations: [Early.name] } });
    expect(await testbed.history('demo')).toEqual([CreateNote.name, Late.name]);
  });

  it('does not stop a tenant that is new', async () => {
    await expect(migrator.initTenant({ schema: 'fresh' }, { strictOrder: true })).resolves.toMatchObject({
      applied: [CreateNote.name, Early.name, Late.name],
    });
  });

  it('is applied with a warning, and the revision stays the greatest', async () => {
    const report = await migrator.upgradeTenant('demo');
    expect(report).toMatchObject({ applied: [Early.name], revision: Late.name, warnings: [expect.stringContaining(TOO_LATE)] });
    expect(await migrator.status('demo')).toMatchObject({ applied: [CreateNote.name, Early.name, Late.name], outOfOrder: [], upToDate: true });
  });
});

describe('an applied migration that the code does not know', () => {
  const testbed = useTestbed();
  const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int)');
  const gone = { tenant: [CreateNote, Early], public: [] };
  beforeAll(async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, Late], public: [CreatePlan] });
    await migrator.initPublic();
    await migrator.initTenant({ schema: 'demo' });
  });

  it('is said and does not block the tenant track', async () => {
    const migrator = await testbed.open(gone);
    expect(await migrator.status('demo')).toMatchObject({ missing: [Late.name], revision: Late.name, head: Early.name, upToDate: false });
    const { applied, warnings, error } = await migrator.upgradeTenant('demo');
    expect({ applied, error }).toEqual({ applied: [Early.name], error: undefined });
    expect(warnings).toContainEqual(expect.stringContaining(`${Late.name} is applied to "demo" but unknown in code`));
    expect(await migrator.status('demo')).toMatchObject({ missing: [Late.name], upToDate: true });
  });

  it('is said and does not block the public track', async () => {
    const migrator = await testbed.open(gone);
    expect(await migrator.statusPublic()).toMatchObject({ missing: [CreatePlan.name], upToDate: true });
    expect(await migrator.upgradePublic()).toMatchObject({ applied: [], warnings: [expect.stringContaining(CreatePlan.name)] });
  });
});

describe('a migration of the library itself that came with a newer version', () => {
  const testbed = useTestbed();
  let migrator: Migrator;
  beforeAll(async () => {
    migrator = await testbed.open();
    await migrator.initPublic();
    await testbed.rows('DROP TABLE public.migration_step');
    await testbed.rows(`DELETE FROM public.tenancy_migrations WHERE name = 'CreateMigrationStep1767225600001'`);
  });

  it('makes the public track not up to date, because nothing runs before it is applied', async () => {
    expect(await migrator.statusPublic()).toMatchObject({ upToDate: false });
  });

  it('is applied by upgrade-public, as every pending public migration is', async () => {
    await migrator.upgradePublic();
    expect(await testbed.value(`to_regclass('public.migration_step')::text`)).toBe('migration_step');
  });
});

describe("a tenant's history", () => {
  const testbed = useTestbed();
  let migrator: Migrator;
  beforeAll(async () => {
    migrator = await openMigrator({ url: testbed.database.url, ...sampleProduct });
    await migrator.initPublic();
    await migrator.initTenant({ schema: 'demo' });
  });
  afterAll(() => migrator.close());

  it('has the columns that TypeORM gives its own', async () => {
    await inTypeorm('theirs', [], (dataSource) => dataSource.runMigrations());
    expect(await columnsOf('demo')).toEqual(await columnsOf('theirs'));
  });

  it('tells a plain TypeORM DataSource on that schema that nothing is pending', async () => {
    await inTypeorm('demo', sampleProduct.tenant.migrations as MigrationClass[], async (dataSource) => {
      expect(await dataSource.showMigrations()).toBe(false);
      expect(await dataSource.runMigrations({ transaction: 'each' })).toEqual([]);
    });
    expect(await testbed.history('demo')).toHaveLength(6);
  });

  it('takes a migration that TypeORM ran meanwhile for applied', async () => {
    const Meanwhile = migration('Meanwhile', 999_999_999_999, 'CREATE TABLE demo.meanwhile (id int)');
    const migrations = [...(sampleProduct.tenant.migrations as MigrationClass[]), Meanwhile];
    await inTypeorm('demo', migrations, (dataSource) => dataSource.runMigrations({ transaction: 'each' }));
    const next = await testbed.open({ public: sampleProduct.public.migrations as MigrationClass[], tenant: migrations });
    const expected: Partial<TargetStatus> = { revision: Meanwhile.name, upToDate: true, pending: [], missing: [] };
    expect(await next.status('demo')).toMatchObject(expected);
    expect(await next.upgradeTenant('demo')).toMatchObject({ applied: [] });
  });

  it('admits each name once', async () => {
    await expect(testbed.rows(`INSERT INTO demo.migrations ("timestamp", name) SELECT "timestamp", name FROM demo.migrations LIMIT 1`))
      .rejects.toMatchObject({ code: '23505' });
  });

  async function inTypeorm(schema: string, migrations: MigrationClass[], work: (dataSource: DataSource) => Promise<unknown>): Promise<void> {
    await testbed.rows(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    const dataSource = new DataSource({ type: 'postgres', url: testbed.database.url, schema, migrations, migrationsTransactionMode: 'each' });
    await dataSource.initialize();
    try {
      await work(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  async function columnsOf(schema: string): Promise<unknown> {
    return testbed.rows(`
      SELECT attname, atttypid::regtype::text AS type, attnotnull, replace(pg_get_expr(adbin, adrelid), $1, '') AS "default"
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attrelid = ($1 || '.migrations')::regclass AND attnum > 0 ORDER BY attnum`, schema);
  }
});
