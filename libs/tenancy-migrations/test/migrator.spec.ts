import type { Migrator } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { useTestbed } from './support/testbed';

const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int PRIMARY KEY)');
const NamePlan = migration('NamePlan', 1, 'ALTER TABLE plan ADD COLUMN name text');
const DateNote = migration('DateNote', 2, 'ALTER TABLE note ADD COLUMN written_on date');

describe('on a database that nobody initialised', () => {
  const testbed = useTestbed();
  let migrator: Migrator;
  beforeAll(async () => void (migrator = await testbed.open({ public: [CreatePlan, NamePlan] })));

  it('everything of the public track is pending', async () => {
    expect(await migrator.statusPublic()).toEqual({
      track: 'public', schema: 'public', revision: null, head: NamePlan.name, upToDate: false,
      applied: [], pending: [CreatePlan.name, NamePlan.name], missing: [], outOfOrder: [],
      libraryPending: ['CreateTenantRegistry1767225600000', 'CreateMigrationStep1767225600001'],
    });
  });

  it('the public track of a product without public migrations is not up to date either', async () => {
    const bare = await testbed.open({ public: [] });
    expect(await bare.statusPublic()).toMatchObject({ revision: null, upToDate: false });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['upgradePublic', () => migrator.upgradePublic()],
    ['initTenant', () => migrator.initTenant({ schema: 'demo' })],
    ['upgradeTenant', () => migrator.upgradeTenant('demo')],
    ['status', () => migrator.status('demo')],
    ['tenant', () => migrator.tenant('demo')],
    ['tenants', () => migrator.tenants()],
    ['rotateApiKey', () => migrator.rotateApiKey('demo')],
    ['dryRunInitTenant', () => migrator.dryRunInitTenant({ schema: 'demo' })],
  ])('%s asks for init-public, and leaves nothing behind', async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'PUBLIC_TRACK_BEHIND', remedy: 'Run init-public first.' });
    expect(await testbed.value(`array(SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1)`)).toEqual([
      'information_schema', 'public',
    ]);
    expect(await testbed.value(`count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toBe(0);
  });
});

describe.each(['superuser', 'createrole'] as const)('with a %s login', (login) => {
  const testbed = useTestbed(login);
  let first: Migrator;
  let later: Migrator;
  beforeAll(async () => {
    first = await testbed.open({ public: [CreatePlan], tenant: [CreateNote] });
    later = await testbed.open({ public: [CreatePlan, NamePlan], tenant: [CreateNote, DateNote] });
  });

  it('init-public applies the public track, and says so', async () => {
    expect(await first.initPublic()).toEqual({
      track: 'public', schema: 'public', revision: CreatePlan.name, applied: [CreatePlan.name], warnings: [], libraryApplied: ['CreateTenantRegistry1767225600000', 'CreateMigrationStep1767225600001'], durationMs: expect.any(Number),
    });
    expect(await testbed.value(`to_regclass('public.plan')::text`)).toBe('plan');
    expect(await first.statusPublic()).toMatchObject({ revision: CreatePlan.name, upToDate: true, applied: [CreatePlan.name], pending: [] });
  });

  it('init-public and upgrade-public do nothing the second time', async () => {
    expect(await first.initPublic()).toMatchObject({ revision: CreatePlan.name, applied: [] });
    expect(await first.upgradePublic()).toMatchObject({ revision: CreatePlan.name, applied: [] });
    expect(await testbed.history('public')).toEqual([CreatePlan.name]);
  });

  it('init-tenant registers a tenant, brings its schema to head and gives it a key', async () => {
    expect(await first.initTenant({ schema: 'demo', name: 'Demo Ltd', domain: 'demo.example' })).toEqual({
      track: 'tenant', schema: 'demo', revision: CreateNote.name, applied: [CreateNote.name], warnings: [],
      durationMs: expect.any(Number), apiKey: expect.stringMatching(/^tmk_/),
    });
    expect(await testbed.value(`to_regclass('demo.note')::text`)).toBe('demo.note');
    expect(await first.tenant('demo')).toMatchObject({
      name: 'Demo Ltd', domain: 'demo.example', schema: 'demo', status: 'active', isActive: true, revision: CreateNote.name, lastError: null,
    });
  });

  it('init-tenant and upgrade-tenant do nothing the second time, and give no second key', async () => {
    const again = await first.initTenant({ schema: 'demo' });
    expect(again).toMatchObject({ revision: CreateNote.name, applied: [] });
    expect(again).not.toHaveProperty('apiKey');
    expect(await first.upgradeTenant('demo')).toMatchObject({ revision: CreateNote.name, applied: [] });
    expect(await testbed.history('demo')).toEqual([CreateNote.name]);
  });

  it('the tenant track waits for a pending public migration, by its command', async () => {
    const behind = { code: 'PUBLIC_TRACK_BEHIND', remedy: 'Run upgrade-public first.', fields: { pending: [NamePlan.name] } };
    await expect(later.upgradeTenant('demo')).rejects.toMatchObject(behind);
    await expect(later.initTenant({ schema: 'another' })).rejects.toMatchObject(behind);
    expect(await testbed.registered('another')).toBeUndefined();
  });

  it('upgrade-public and upgrade-tenant apply what is new, and only that', async () => {
    expect(await later.status('demo')).toMatchObject({ upToDate: false, pending: [DateNote.name], head: DateNote.name });
    expect(await later.upgradePublic()).toMatchObject({ revision: NamePlan.name, applied: [NamePlan.name] });
    expect(await later.upgradeTenant('demo')).toMatchObject({ revision: DateNote.name, applied: [DateNote.name] });
    expect(await later.status('demo')).toEqual({
      track: 'tenant', schema: 'demo', revision: DateNote.name, head: DateNote.name, upToDate: true,
      applied: [CreateNote.name, DateNote.name], pending: [], missing: [], outOfOrder: [],
    });
  });

  it('the tracks evolve apart: a tenant has the tenant track, public the public one', async () => {
    expect(await testbed.history('public')).toEqual([CreatePlan.name, NamePlan.name]);
    expect(await testbed.history('demo')).toEqual([CreateNote.name, DateNote.name]);
    expect(await testbed.value(`to_regclass('public.note')`)).toBeNull();
  });
});

describe('of many runs at once', () => {
  const testbed = useTestbed();
  let migrators: Migrator[];
  beforeAll(async () => {
    const product = { public: [CreatePlan, NamePlan], tenant: [CreateNote, DateNote] };
    migrators = await Promise.all([testbed.open(product), testbed.open(product), testbed.open(product)]);
  });

  it('each public migration is applied by exactly one', async () => {
    const reports = await Promise.all(migrators.map((migrator) => migrator.initPublic()));
    expect(reports.flatMap(({ applied }) => applied).sort()).toEqual([CreatePlan.name, NamePlan.name]);
    expect(reports.map(({ revision, error }) => ({ revision, error }))).toEqual(migrators.map(() => ({ revision: NamePlan.name, error: undefined })));
  });

  it('each tenant migration is applied by exactly one, and one gets the key', async () => {
    const reports = await Promise.all(migrators.map((migrator) => migrator.initTenant({ schema: 'busy' })));
    expect(reports.flatMap(({ applied }) => applied).sort()).toEqual([CreateNote.name, DateNote.name]);
    expect(reports.filter(({ apiKey }) => apiKey !== undefined)).toHaveLength(1);
    expect(reports.map(({ revision }) => revision)).toEqual(migrators.map(() => DateNote.name));
    expect(await testbed.history('busy')).toEqual([CreateNote.name, DateNote.name]);
  });
});
