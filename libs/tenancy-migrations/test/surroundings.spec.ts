import { openMigrator } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { useTestbed } from './support/testbed';

const DateNote = migration('DateNote', 2, 'ALTER TABLE note ADD COLUMN written_on date');

describe('what was changed around the engine is told as such, and not blamed on a migration', () => {
  const testbed = useTestbed();
  beforeAll(async () => {
    const migrator = await testbed.open();
    await migrator.initPublic();
    for (const schema of ['kept', 'lost']) await migrator.initTenant({ schema });
  });

  it('a schema that was dropped by hand', async () => {
    await testbed.rows('DROP SCHEMA lost CASCADE');
    const migrator = await testbed.open();
    for (const call of [() => migrator.status('lost'), () => migrator.upgradeTenant('lost'), () => migrator.initTenant({ schema: 'lost' })]) {
      await expect(call()).rejects.toMatchObject({ code: 'SCHEMA_MISSING', message: expect.stringContaining('Restore') });
    }
  });

  it('a login that may not act as the tenant', async () => {
    const oid = String(await testbed.value('oid FROM pg_database WHERE datname = current_database()'));
    const login = `tm_${oid}_stranger`;
    await testbed.rows(`CREATE ROLE ${login} LOGIN PASSWORD 'stranger'`);
    await testbed.rows(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${login}`);
    await testbed.rows(`GRANT ALL ON SCHEMA kept TO ${login}`);
    await testbed.rows(`GRANT ALL ON kept.migrations TO ${login}`);
    const url = Object.assign(new URL(testbed.database.adminUrl), { username: login, password: 'stranger' }).toString();
    const stranger = await openMigrator({ ...testbed.options({ tenant: [CreateNote, DateNote] }), url });
    const { error } = await stranger.upgradeTenant('kept');
    await stranger.close();
    expect(error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringMatching(/may not act as the role "tm_.*GRANT "tm_/) });
  });

  it('a database that was copied, and has no runtime role of its own yet', async () => {
    const copy = `copy_${String(Date.now())}`;
    await testbed.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await testbed.rows(`CREATE DATABASE ${copy} TEMPLATE ${testbed.database.name}`);
    const migrator = await openMigrator({ ...testbed.options(), url: Object.assign(new URL(testbed.database.url), { pathname: copy }).toString() });
    try {
      await expect(migrator.initTenant({ schema: 'newcomer' })).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING', remedy: expect.stringContaining('Run init-public') });
      await migrator.initPublic();
      expect(await migrator.initTenant({ schema: 'newcomer' })).toMatchObject({ applied: [CreateNote.name], apiKey: expect.any(String) });
    } finally {
      await migrator.close();
      const [{ oid }] = (await testbed.rows('SELECT oid FROM pg_database WHERE datname = $1', copy)) as [{ oid: number }];
      await testbed.rows(`DROP DATABASE ${copy}`);
      for (const { rolname } of await testbed.rows(`SELECT rolname FROM pg_roles WHERE rolname LIKE 'tm\\_${oid}\\_%'`)) await testbed.rows(`DROP ROLE ${String(rolname)}`);
    }
  });
});

describe('a history that lists a migration twice', () => {
  const testbed = useTestbed();

  it('is refused with the statement that finds the rows', async () => {
    await testbed.rows('CREATE TABLE public.migrations (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)');
    await testbed.rows(`INSERT INTO public.migrations ("timestamp", name) VALUES (1, 'Twice'), (1, 'Twice')`);
    await expect((await testbed.open()).initPublic()).rejects.toMatchObject({ code: 'DUPLICATE_HISTORY', remedy: expect.stringContaining('HAVING count(*) > 1') });
  });
});

describe('a dry run refuses what the run would refuse', () => {
  const testbed = useTestbed();

  it('before init-public, of a tenant that is not active, and with a bad domain', async () => {
    const migrator = await testbed.open();
    await expect(migrator.dryRunUpgradePublic()).rejects.toMatchObject({ code: 'PUBLIC_TRACK_BEHIND' });
    await migrator.initPublic();
    await (await testbed.open({ tenant: [migration('Fails', 1, 'SELECT 1 / 0')] })).initTenant({ schema: 'unborn' });
    await expect(migrator.dryRunUpgradeTenant('unborn')).rejects.toMatchObject({ code: 'TENANT_NOT_ACTIVE' });
    await expect(migrator.dryRunInitTenant({ schema: 'fresh', domain: '' })).rejects.toMatchObject({ code: 'INVALID_TENANT' });
  });

  it('and lists what is CONCURRENTLY on a shared table without running it', async () => {
    const migrator = await testbed.open({ public: [migration('CreatePlan', 0, 'CREATE TABLE plan (id int)', 'CREATE INDEX CONCURRENTLY plan_idx ON plan (id)')] });
    const { steps } = await migrator.dryRunInitPublic({ sql: true });
    expect(steps.at(-1)?.sql).toEqual(['CREATE TABLE plan (id int)', 'CREATE INDEX CONCURRENTLY plan_idx ON plan (id)']);
  });
});
