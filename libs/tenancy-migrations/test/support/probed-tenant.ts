import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { openMigrator, type Isolation, type Migrator, type TargetReport, type TenancyMigrationsOptions, type TrackOptions } from 'tenancy-migrations';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readWorld, type World } from './world';

/** Every promise of isolation holds for both: a superuser's login, and one that owns the database and may create roles. */
export const LOGINS = ['superuser', 'createrole'] as const;
export type LoginKind = (typeof LOGINS)[number];

/** What a test puts into the tenant's next migration: SQL, or what to do with the QueryRunner. */
export type Up = string | ((queryRunner: QueryRunner) => Promise<unknown>);

/** Shared tables: tenants may read and reference `country`, add to `feedback`, and do nothing with `plan`. */
class CreateShared1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE country (code text PRIMARY KEY, name text)');
    await queryRunner.query(`INSERT INTO country VALUES ('CH', 'Switzerland')`);
    await queryRunner.query('GRANT SELECT, REFERENCES ON country TO PUBLIC');
    await queryRunner.query('CREATE TABLE feedback (id serial PRIMARY KEY, text text)');
    await queryRunner.query('GRANT INSERT ON feedback TO PUBLIC');
    await queryRunner.query('GRANT USAGE ON SEQUENCE feedback_id_seq TO PUBLIC');
    await queryRunner.query('CREATE TABLE plan (id serial PRIMARY KEY, name text)');
  }

  async down(): Promise<void> {}
}

class CreateThings1700000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE things (id int PRIMARY KEY, label text, country text REFERENCES public.country)');
    await queryRunner.query(`INSERT INTO things VALUES (1, 'first', 'CH')`);
  }

  async down(): Promise<void> {}
}

/** How the tenant is set up; `transaction: false` makes its next migration one without a transaction. */
export interface ProbeOptions {
  readonly login: LoginKind;
  readonly transaction?: false;
  readonly sharedRole?: true;
  readonly entities?: TrackOptions['entities'];
}

/**
 * The tenant `acme`, with a table `things`, beside another tenant, `neighbour`, with the same; and a migration still to come, whose content
 * each test decides. There is one connection to each pool, so that whatever a step leaves behind meets the next one.
 */
export class ProbedTenant {
  private constructor(
    readonly database: TestDatabase,
    private readonly openAgain: () => Promise<Migrator>,
    private migrator: Migrator,
    private readonly next: { up: Up },
  ) {}

  static async open({ login, transaction, sharedRole, entities = [] }: ProbeOptions): Promise<ProbedTenant> {
    const database = await createTestDatabase({ login });
    const isolation = sharedRole ? await useSharedRole(database) : 'role-per-tenant';
    const options = { url: database.url, poolSize: 1, public: { migrations: [CreateShared1700000000000] }, isolation };
    await bearTenants({ ...options, tenant: { migrations: [CreateThings1700000000001] } });
    const next: { up: Up } = { up: '' };
    const migrations = [CreateThings1700000000001, probing(next, transaction)];
    const openAgain = (): Promise<Migrator> => openMigrator({ ...options, tenant: { entities, migrations } });
    return new ProbedTenant(database, openAgain, await openAgain(), next);
  }

  /** Runs it as the tenant's next migration. The history forgets what an earlier call applied, so that each call has its turn. */
  async migrate(up: Up): Promise<TargetReport> {
    await this.forget();
    this.next.up = up;
    return this.migrator.upgradeTenant('acme', { lockWaitMs: 5000 });
  }

  /** Works on with fresh connections. */
  async reconnect(): Promise<void> {
    await this.migrator.close();
    this.migrator = await this.openAgain();
  }

  async forget(): Promise<void> {
    await this.database.query(`DELETE FROM acme.migrations WHERE name LIKE 'Probe%'`);
  }

  async world(): Promise<World> {
    return readWorld(this.database);
  }

  /** One value, read by the superuser. */
  async value(expression: string): Promise<unknown> {
    return (await this.database.query<{ value: unknown }>(`SELECT ${expression} AS value`))[0]?.value;
  }

  /** The names of the tables of a schema, without the histories. */
  async tablesOf(schema: string): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations' ORDER BY tablename`, [schema],
    );
    return rows.map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.migrator.close();
    await this.database.drop();
  }
}

/** The roles of a database are dropped with it if they are named like this one. */
async function useSharedRole(database: TestDatabase): Promise<Isolation> {
  const [row] = await database.query<{ oid: number }>('SELECT oid FROM pg_database WHERE datname = current_database()');
  const sharedRole = `tm_${row?.oid}_shared`;
  await database.query(`CREATE ROLE ${sharedRole} NOLOGIN`);
  await database.query(`GRANT ${sharedRole} TO "${decodeURIComponent(new URL(database.url).username)}"`);
  return { sharedRole };
}

async function bearTenants(options: TenancyMigrationsOptions): Promise<void> {
  const migrator = await openMigrator(options);
  const reports = [await migrator.initPublic(), await migrator.initTenant({ schema: 'acme' }), await migrator.initTenant({ schema: 'neighbour' })];
  await migrator.close();
  for (const { error } of reports) if (error) throw error;
}

function probing(next: { up: Up }, transaction: false | undefined): new () => MigrationInterface {
  return class Probe1700000000002 implements MigrationInterface {
    readonly transaction = transaction;

    async up(queryRunner: QueryRunner): Promise<void> {
      await (typeof next.up === 'string' ? queryRunner.query(next.up) : next.up(queryRunner));
    }

    async down(): Promise<void> {}
  };
}

let calls = 0;

/** Runs it after a statement of the tenant's own and expects that it is refused, by name, and that nothing at all is left of the step. */
export async function expectRefused(tenant: ProbedTenant, up: Up, names: string, code = 'ISOLATION_VIOLATION'): Promise<void> {
  await tenant.forget();
  const before = await tenant.world();
  const { error, applied, revision } = await tenant.migrate(async (queryRunner) => {
    await queryRunner.query(`CREATE TABLE started_${++calls} (id int)`);
    await (typeof up === 'string' ? queryRunner.query(up) : up(queryRunner));
  });
  const said = new RegExp(`^${code}: .*${names.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}`, 's');
  expect({ error: `${error?.code}: ${error?.message}`, applied, revision })
    .toEqual({ error: expect.stringMatching(said), applied: [], revision: 'CreateThings1700000000001' });
  expect(await tenant.world()).toEqual(before);
}

/** Runs it and expects that it is applied. */
export async function expectApplied(tenant: ProbedTenant, up: Up): Promise<void> {
  const report = await tenant.migrate(up);
  if (report.error) throw report.error;
  expect(report.applied).toEqual(['Probe1700000000002']);
}
