import { openMigrator } from 'tenancy-migrations';
import {
  Table, TableCheck, TableColumn, TableForeignKey, TableIndex, TableUnique, View, type MigrationInterface, type QueryRunner, type TableColumnOptions,
} from 'typeorm';
import { expectApplied, LOGINS, ProbedTenant } from './support/probed-tenant';

const ID: TableColumnOptions = { name: 'id', type: 'int', isPrimary: true };

describe.each(LOGINS)('In a tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  let outside: readonly string[];
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
    outside = await elsewhere();
  });
  afterEach(async () => {
    expect(await elsewhere()).toEqual(outside);
  });
  afterAll(() => tenant.close());

  /** All that exists outside of the tenant's schema. */
  async function elsewhere(): Promise<readonly string[]> {
    return (await tenant.world()).structure.filter((line) => !/ acme[.,]/.test(line));
  }

  async function columnsOf(table: string): Promise<Record<string, string>> {
    const rows = await tenant.database.query<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' END AS type
         FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, [`acme.${table}`],
    );
    return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
  }

  async function constraintsOf(table: string): Promise<string[]> {
    const rows = await tenant.database.query<{ line: string }>(
      `SELECT conname || ': ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
        WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`,
      [`acme.${table}`],
    );
    return rows.map(({ line }) => line);
  }

  it('raw SQL without a schema acts on the tenant\'s', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query('CREATE TABLE raw (id serial PRIMARY KEY, note text)');
      await runner.query('CREATE INDEX raw_note ON raw (note)');
      await runner.query(`CREATE TYPE mood AS ENUM ('good', 'bad')`);
      await runner.query('CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 * 2 $$');
      await runner.query('INSERT INTO raw (note) VALUES ($1)', ['parameter']);
      await runner.query('ALTER TABLE raw ADD COLUMN mood mood');
    });
    expect(await columnsOf('raw')).toEqual({ id: 'integer not null', note: 'text', mood: 'acme.mood' });
    expect(await tenant.value(`to_regclass('acme.raw_note') IS NOT NULL AND to_regprocedure('acme.twice(int)') IS NOT NULL`)).toBe(true);
  });

  it('createTable, hasTable, hasColumn and getTable agree on the tenant\'s schema', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'made', columns: [ID, { name: 'note', type: 'text', isNullable: true }] }));
      expect(await runner.hasTable('made')).toBe(true);
      expect(await runner.hasColumn('made', 'note')).toBe(true);
      expect(await runner.hasColumn('made', 'other')).toBe(false);
      const table = await runner.getTable('made');
      expect([table?.schema, table?.columns.map(({ name }) => name)]).toEqual(['acme', ['id', 'note']]);
    });
    expect(await columnsOf('made')).toEqual({ id: 'integer not null', note: 'text' });
  });

  it('the helpers do not see tables of public or of another tenant under a bare name', () => expectApplied(tenant, async (runner) => {
    expect(await runner.hasTable('tenant_registry')).toBe(false);
    expect(await runner.getTable('country')).toBeUndefined();
    expect(await runner.hasTable('things')).toBe(true);
    expect((await runner.getTables(['things'])).map(({ schema }) => schema)).toEqual(['acme']);
    expect([await runner.getCurrentSchema(), await runner.hasSchema('acme')]).toEqual(['acme', true]);
  }));

  it('addColumn, changeColumn, renameColumn and dropColumn change the tenant\'s table', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'shaped', columns: [ID] }));
      await runner.addColumn('shaped', new TableColumn({ name: 'size', type: 'int', isNullable: true }));
      await runner.addColumn('shaped', new TableColumn({ name: 'gone', type: 'int', isNullable: true }));
      await runner.changeColumn('shaped', 'size', new TableColumn({ name: 'size', type: 'int', isNullable: false, default: 0 }));
      await runner.renameColumn('shaped', 'size', 'width');
      await runner.dropColumn('shaped', 'gone');
    });
    expect(await columnsOf('shaped')).toEqual({ id: 'integer not null', width: 'integer not null' });
  });

  it('constraints and indexes are made on the tenant\'s table, and dropped', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'parent', columns: [ID, { name: 'code', type: 'text' }, { name: 'size', type: 'int' }] }));
      await runner.createTable(new Table({ name: 'child', columns: [ID, { name: 'parent_id', type: 'int' }] }));
      await runner.createForeignKey('child', new TableForeignKey({
        name: 'child_fk', columnNames: ['parent_id'], referencedTableName: 'parent', referencedColumnNames: ['id'],
      }));
      await runner.createUniqueConstraint('parent', new TableUnique({ name: 'parent_code_key', columnNames: ['code'] }));
      await runner.createCheckConstraint('parent', new TableCheck({ name: 'parent_size_check', expression: 'size > 0' }));
      await runner.createIndex('parent', new TableIndex({ name: 'parent_size_idx', columnNames: ['size'] }));
    });
    expect(await constraintsOf('child')).toContain('child_fk: FOREIGN KEY (parent_id) REFERENCES acme.parent(id)');
    expect(await constraintsOf('parent')).toContain('parent_code_key: UNIQUE (code)');
    expect(await constraintsOf('parent')).toContain('parent_size_check: CHECK ((size > 0))');
    expect(await tenant.value(`to_regclass('acme.parent_size_idx')::text`)).toBe('acme.parent_size_idx');
    await expectApplied(tenant, async (runner) => {
      await runner.dropForeignKey('child', 'child_fk');
      await runner.dropUniqueConstraint('parent', 'parent_code_key');
      await runner.dropCheckConstraint('parent', 'parent_size_check');
      await runner.dropIndex('parent', 'parent_size_idx');
    });
    expect([...(await constraintsOf('child')), ...(await constraintsOf('parent'))].filter((line) => !line.includes('PRIMARY'))).toEqual([]);
  });

  it('createView makes the view in the tenant\'s schema, of its tables', async () => {
    await expectApplied(tenant, (runner) => runner.createView(new View({ name: 'labels', expression: 'SELECT label FROM things' })));
    expect(await tenant.value('(SELECT label FROM acme.labels)')).toBe('first');
    await expectApplied(tenant, 'DROP VIEW labels');
  });

  it('an enum column is made, its values are changed, and it goes with its type', async () => {
    const state = (values: string[]): TableColumn => new TableColumn({ name: 'state', type: 'enum', enum: values, default: `'new'` });
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'stated', columns: [ID, state(['new', 'old'])] }));
      await runner.query('INSERT INTO stated (id) VALUES (1)');
      await runner.changeColumn('stated', 'state', state(['new', 'worn', 'broken']));
      expect((await runner.getTable('stated'))?.findColumnByName('state')?.enum).toEqual(['new', 'worn', 'broken']);
    });
    expect(await tenant.value(`enum_range(NULL::acme.stated_state_enum)::text`)).toBe('{new,worn,broken}');
    await expectApplied(tenant, (runner) => runner.dropColumn('stated', 'state'));
    expect(await tenant.value(`to_regtype('acme.stated_state_enum')`)).toBeNull();
  });

  it('renameTable renames the tenant\'s table with its sequence and its key', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.createTable(new Table({ name: 'before', columns: [{ ...ID, isGenerated: true, generationStrategy: 'increment' }] }));
      await runner.renameTable('before', 'afterwards');
      await runner.query('INSERT INTO afterwards DEFAULT VALUES');
    });
    expect(await tenant.value('(SELECT array_agg(id) FROM acme.afterwards)')).toEqual([1]);
    expect(await tenant.value(`to_regclass('acme.before')`)).toBeNull();
  });

  it('the functions and types of the extensions are at hand', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query('CREATE TABLE extended (a uuid DEFAULT uuid_generate_v4(), b uuid DEFAULT gen_random_uuid(), c citext)');
      await runner.query(`INSERT INTO extended (c) VALUES ('Same')`);
      await runner.query(`CREATE TABLE digested AS SELECT digest('x', 'sha256') AS d`);
    });
    expect(await tenant.value(`(SELECT a <> b AND c OPERATOR(extensions.=) 'sAME' FROM acme.extended)`)).toBe(true);
  });

  it('public is not on the search path', async () => {
    const report = await tenant.migrate('SELECT * FROM country');
    expect(report.error).toMatchObject({ code: 'MIGRATION_FAILED', sqlState: '42P01', message: expect.stringContaining('"country"') });
  });

  it('a transaction of the migration\'s own is a savepoint', async () => {
    await expectApplied(tenant, async (runner) => {
      await runner.query('CREATE TABLE kept (id int)');
      await runner.startTransaction();
      await runner.query('INSERT INTO kept VALUES (1)');
      await runner.startTransaction();
      await runner.query('INSERT INTO kept VALUES (2)');
      await runner.rollbackTransaction();
      await runner.commitTransaction();
      await runner.manager.transaction((manager) => manager.query('INSERT INTO kept VALUES (3)'));
      await runner.manager.transaction(async (manager) => {
        await manager.query('INSERT INTO kept VALUES (4)');
        throw new Error('undo this');
      }).catch(() => undefined);
    });
    expect(await tenant.value('(SELECT array_agg(id ORDER BY id) FROM acme.kept)')).toEqual([1, 3]);
  });

  it('many tenants at once each get what is theirs', async () => {
    class CreateCrowd1800000000000 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        const at: TableColumnOptions = { name: 'at', type: 'enum', enum: ['here', 'there'] };
        await runner.createTable(new Table({ name: 'crowd', columns: [at, { name: 'in', type: 'name' }] }));
        expect((await runner.getTables(['crowd'])).map(({ schema }) => schema)).toEqual([await runner.getCurrentSchema()]);
        await runner.query(`INSERT INTO crowd VALUES ('here', current_schema())`);
      }

      async down(): Promise<void> {}
    }
    const schemas = ['one', 'two', 'three', 'four'];
    const migrator = await openMigrator({ url: tenant.database.url, poolSize: 4, public: {}, tenant: { migrations: [CreateCrowd1800000000000] } });
    const reports = await Promise.all(schemas.map((schema) => migrator.initTenant({ schema })));
    expect(reports.map(({ error }) => error)).toEqual(schemas.map(() => undefined));
    for (const schema of schemas) expect(await tenant.value(`(SELECT "in"::text FROM ${schema}.crowd)`)).toBe(schema);
    await migrator.close();
    outside = await elsewhere();
  });
});
