import type { Migrator, TenancyEvent } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { useTestbed } from './support/testbed';

const testbed = useTestbed();
const DateNote = migration('DateNote', 2, 'ALTER TABLE note ADD COLUMN written_on date', 'CREATE INDEX note_written_on_idx ON note (written_on)');
const Fails = migration('Fails', 3, 'SELECT 1 / 0');

/** Everything that the migrator tells while it does this. */
async function eventsOf(migrator: Migrator, work: () => Promise<unknown>): Promise<TenancyEvent[]> {
  const events: TenancyEvent[] = [];
  const stop = migrator.events.subscribe((event) => void events.push(event));
  await work();
  stop();
  return events;
}

const demo = { track: 'tenant', schema: 'demo' };

describe('events', () => {
  it('tell the preparation of the public track in order', async () => {
    const migrator = await testbed.open({ public: [migration('CreatePlan', 0, 'CREATE TABLE plan (id int)')] });
    const told = await eventsOf(migrator, () => migrator.initPublic());
    expect(told.map((event) => [event.type, 'migration' in event ? event.migration.replace(/\d+$/, '') : ''].join(' ').trim())).toEqual([
      'plan', 'step-started CreateTenantRegistry', 'step-applied CreateTenantRegistry',
      'step-started CreateMigrationStep', 'step-applied CreateMigrationStep',
      'plan', 'step-started CreatePlan', 'step-applied CreatePlan',
    ]);
  });

  it("tell a tenant's birth in order", async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, DateNote] });
    expect(await eventsOf(migrator, () => migrator.initTenant({ schema: 'demo' }))).toMatchObject([
      { type: 'tenant-registered', schema: 'demo' },
      { type: 'plan', ...demo, pending: [CreateNote.name, DateNote.name], warnings: [] },
      { type: 'step-started', ...demo, migration: CreateNote.name },
      { type: 'step-applied', ...demo, migration: CreateNote.name, statements: 1, durationMs: expect.any(Number) },
      { type: 'step-started', ...demo, migration: DateNote.name },
      { type: 'step-applied', ...demo, migration: DateNote.name, statements: 2, durationMs: expect.any(Number) },
      { type: 'tenant-activated', schema: 'demo' },
    ]);
  });

  it('tell that there is nothing to do', async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, DateNote] });
    expect(await eventsOf(migrator, () => migrator.initTenant({ schema: 'demo' }))).toEqual([{ type: 'plan', ...demo, pending: [], warnings: [] }]);
  });

  it('tell a failure with its error, and nothing of the steps behind it', async () => {
    const migrator = await testbed.open({ tenant: [CreateNote, DateNote, Fails, migration('After', 4, 'SELECT 1')] });
    const told = await eventsOf(migrator, () => migrator.upgradeTenant('demo'));
    expect(told.slice(1)).toEqual([
      { type: 'step-started', ...demo, migration: Fails.name },
      {
        type: 'step-failed', ...demo, migration: Fails.name, durationMs: expect.any(Number),
        error: expect.objectContaining({ code: 'MIGRATION_FAILED' }),
      },
    ]);
  });

  it('tell of a step that another run was first with', async () => {
    const Slow = migration('Slow', 3, 'SELECT pg_sleep(0.2)');
    const [one, other] = [await testbed.open({ tenant: [CreateNote, DateNote, Slow] }), await testbed.open({ tenant: [CreateNote, DateNote, Slow] })];
    const told = await Promise.all([one, other].map((migrator) => eventsOf(migrator, () => migrator.upgradeTenant('demo'))));
    expect(told.map((events) => events.map(({ type }) => type).join(' ')).sort()).toEqual([
      'plan step-started lock-waiting step-skipped', 'plan step-started step-applied',
    ]);
  });

  it('tell of a journal that cannot be written, and still report the failure itself', async () => {
    await (await testbed.open()).initTenant({ schema: 'unwritten' });
    const migrator = await testbed.open({ tenant: [CreateNote, Fails] });
    await testbed.rows('ALTER TABLE public.migration_step RENAME TO away');
    const told = await eventsOf(migrator, async () => {
      expect((await migrator.upgradeTenant('unwritten')).error).toMatchObject({ code: 'MIGRATION_FAILED' });
    });
    await testbed.rows('ALTER TABLE public.away RENAME TO migration_step');
    expect(told.map(({ type }) => type)).toEqual(['plan', 'step-started', 'step-failed', 'journal-failed']);
  });
});

describe('a listener', () => {
  let warned: jest.SpyInstance;
  beforeEach(() => (warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)));
  afterEach(() => warned.mockRestore());

  it('that throws disturbs neither the migration nor the other listeners, and is said in a warning', async () => {
    const migrator = await testbed.open();
    migrator.events.subscribe(() => { throw new Error('the progress bar broke'); });
    const told = await eventsOf(migrator, async () => {
      expect(await migrator.initTenant({ schema: 'listened' })).toMatchObject({ applied: [CreateNote.name] });
    });
    expect(told).toHaveLength(5);
    expect(warned.mock.calls[0]).toEqual([expect.stringMatching(/tenant-registered.*the progress bar broke/), 'TenancyEventsWarning']);
  });

  it('hears nothing any more once it has unsubscribed', async () => {
    const migrator = await testbed.open();
    const heard: TenancyEvent[] = [];
    migrator.events.subscribe((event) => void heard.push(event))();
    await migrator.initTenant({ schema: 'unheard' });
    expect(heard).toEqual([]);
  });

  it('that is asynchronous and rejects disturbs nothing either, and is said in a warning', async () => {
    const migrator = await testbed.open();
    migrator.events.subscribe((() => Promise.reject(new Error('the socket broke'))) as () => void);
    expect(await migrator.initTenant({ schema: 'rejected' })).toMatchObject({ applied: [CreateNote.name] });
    expect(warned.mock.calls[0]).toEqual([expect.stringContaining('the socket broke'), 'TenancyEventsWarning']);
  });
});
