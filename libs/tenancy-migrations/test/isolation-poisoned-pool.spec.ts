import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { Pool } from 'pg';
import { Migrator, openMigrator, TenancyMigrationsModule, type TargetReport, type TenancyMigrationsOptions } from 'tenancy-migrations';
import { Entity, PrimaryColumn, type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { LOGINS } from './support/probed-tenant';

const POOL_SIZE = 3;
/** In `trap` every name that the engine or a migration says leads astray. */
const BAIT = ['migrations', 'tenancy_migrations', 'tenant_registry', 'migration_step', 'things', 'settings'];

class CreateSettings1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE settings (id int)');
  }

  async down(): Promise<void> {}
}

class CreateThings1700000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE things (id int)');
  }

  async down(): Promise<void> {}
}

class IndexThings1700000000002 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX CONCURRENTLY things_idx ON things (id)');
  }

  async down(): Promise<void> {}
}

@Entity('things')
class Thing {
  @PrimaryColumn('int')
  id!: number;
}

describe.each(LOGINS)('Through Nest with a %s login', (login) => {
  let database: TestDatabase;
  let app: TestingModule;
  let migrator: Migrator;
  beforeAll(async () => {
    database = await createTestDatabase({ login });
    app = await Test.createTestingModule({
      imports: [TenancyMigrationsModule.forRoot(options())],
    }).compile();
    migrator = app.get(Migrator);
    await database.query('CREATE SCHEMA trap');
    for (const name of BAIT) await database.query(`CREATE TABLE trap.${name} (LIKE pg_catalog.pg_class)`);
    await database.query('GRANT ALL ON SCHEMA trap TO PUBLIC');
    await database.query('GRANT ALL ON ALL TABLES IN SCHEMA trap TO PUBLIC');
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  function options(): TenancyMigrationsOptions {
    return {
      url: database.url,
      poolSize: POOL_SIZE,
      public: { migrations: [CreateSettings1700000000000] },
      tenant: { entities: [Thing], migrations: [CreateThings1700000000001, IndexThings1700000000002] },
    };
  }

  function dataSource(name: 'public' | 'tenant'): DataSource {
    return app.get<DataSource>(getDataSourceToken(name));
  }

  /** As another part of the application would, on every connection of both pools. */
  async function poison(path: string): Promise<void> {
    for (const name of ['public', 'tenant'] as const) {
      const pool = (dataSource(name).driver as unknown as { master: Pool }).master;
      const clients = await Promise.all(Array.from({ length: POOL_SIZE }, () => pool.connect()));
      await Promise.all(clients.map((client) => client.query(`SET search_path TO ${path}`)));
      for (const client of clients) client.release();
    }
  }

  async function tablesBySchema(): Promise<unknown> {
    const rows = await database.query<{ schema: string; tables: string[] }>(
      `SELECT schemaname AS schema, array_agg(tablename::text ORDER BY tablename) AS tables FROM pg_tables
        WHERE schemaname IN ('public', 'trap', 'acme', 'beta') GROUP BY schemaname`,
    );
    return Object.fromEntries(rows.map(({ schema, tables }) => [schema, tables]));
  }

  async function rowsInTrap(): Promise<number> {
    const counts = await Promise.all(BAIT.map((name) => database.query<{ count: number }>(`SELECT count(*)::int AS count FROM trap.${name}`)));
    return counts.reduce((sum, [row]) => sum + (row?.count ?? 0), 0);
  }

  it('no statement goes to the wrong schema when all connections of both pools carry a foreign search_path', async () => {
    await poison('trap, public');
    const reports: TargetReport[] = [await migrator.initPublic()];
    for (const schema of ['acme', 'beta']) {
      await poison('trap, public');
      reports.push(await migrator.initTenant({ schema }));
    }
    expect(reports.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(await tablesBySchema()).toEqual({
      public: ['migration_step', 'migrations', 'settings', 'tenancy_migrations', 'tenant_registry'],
      acme: ['migrations', 'things'],
      beta: ['migrations', 'things'],
      trap: [...BAIT].sort(),
    });
    expect(await rowsInTrap()).toBe(0);
  });

  it.each([
    'trap', 'acme, trap', '"$user", public', 'pg_temp',
  ])('the same is read and nothing is done again when they carry the search_path %s', async (path) => {
    await poison(path);
    expect(await migrator.statusPublic()).toMatchObject({ upToDate: true, revision: 'CreateSettings1700000000000' });
    expect(await migrator.status('beta')).toMatchObject({ upToDate: true, revision: 'IndexThings1700000000002' });
    expect(await migrator.upgradePublic()).toMatchObject({ applied: [] });
    expect(await migrator.upgradeTenant('beta')).toMatchObject({ applied: [] });
    expect((await migrator.tenants()).map(({ schema }) => schema)).toEqual(['acme', 'beta']);
    expect(await rowsInTrap()).toBe(0);
  });

  it('nothing goes astray when the database itself sets another search_path', async () => {
    await database.query(`ALTER DATABASE ${database.name} SET search_path TO trap`);
    const fresh = await openMigrator(options());
    expect(await fresh.initTenant({ schema: 'gamma' })).toMatchObject({ applied: ['CreateThings1700000000001', 'IndexThings1700000000002'] });
    await fresh.close();
    expect((await database.query(`SELECT 1 FROM pg_indexes WHERE schemaname = 'gamma' AND indexname = 'things_idx'`)).length).toBe(1);
    expect(await rowsInTrap()).toBe(0);
  });

  it.each([
    ['query()', () => dataSource('tenant').query('SELECT 1')],
    ['createQueryRunner().query()', () => dataSource('tenant').createQueryRunner().query('SELECT 1')],
    ['createQueryRunner().startTransaction()', () => dataSource('tenant').createQueryRunner().startTransaction()],
    ['getRepository().find()', () => dataSource('tenant').getRepository(Thing).find()],
    ['getRepository().save()', () => dataSource('tenant').getRepository(Thing).save({ id: 1 })],
    ['createQueryBuilder()', () => dataSource('tenant').createQueryBuilder(Thing, 'thing').getMany()],
    ['transaction()', () => dataSource('tenant').transaction(async () => undefined)],
    ['manager.query()', () => dataSource('tenant').manager.query('SELECT 1')],
    ['synchronize()', () => dataSource('tenant').synchronize()],
    ['runMigrations()', () => dataSource('tenant').runMigrations()],
  ])('the tenant DataSource outside of a session refuses %s', async (_, use) => {
    await expect(use()).rejects.toMatchObject({ code: 'TENANT_SESSION_REQUIRED' });
  });

  it('the public DataSource is an ordinary one', async () => {
    expect(await dataSource('public').query('SELECT count(*)::int AS count FROM public.settings')).toEqual([{ count: 0 }]);
  });
});
