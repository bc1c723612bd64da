import type { Client } from 'pg';
import type { Migrator, TenancyError, TenancyEvent } from 'tenancy-migrations';
import { LOCK_NAMESPACE } from '../src/lib/postgres/locks';
import { CreateNote, migration, nonTransactional } from './support/migrations';
import { useTestbed } from './support/testbed';

const testbed = useTestbed();
const DateNote = migration('DateNote', 2, 'ALTER TABLE note ADD COLUMN written_on date');
const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int)');
let migrator: Migrator;
let holder: Client;
beforeAll(async () => {
  migrator = await testbed.open({ tenant: [CreateNote, DateNote] });
  await migrator.initPublic();
});

describe('a tenant whose lock another session holds', () => {
  it('is reported as locked after the wait, with who holds the lock and since when', async () => {
    holder = await testbed.lockHolder(await testbed.behind('locked'));
    const pid = Number((await holder.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
    const before = Date.now();
    const { error, applied } = await migrator.upgradeTenant('locked', { lockWaitMs: 200 });
    expect(error?.toJSON()).toMatchObject({
      code: 'LOCKED', schema: 'locked', pid, application: 'psql', waitedMs: expect.any(Number),
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
    });
    expect(Math.abs(Date.parse(String(error?.fields['since'])) - before)).toBeLessThan(10_000);
    expect(error?.message).toContain(`locked by pid ${pid} (psql, since `);
    expect(Date.now() - before).toBeGreaterThanOrEqual(200);
    expect(Date.now() - before).toBeLessThan(2000);
    expect(applied).toEqual([]);
  });

  it('is upgraded as soon as the lock goes', async () => {
    holder = await testbed.lockHolder(await testbed.behind('patient'));
    const run = migrator.upgradeTenant('patient');
    await testbed.value('pg_sleep(0.1)');
    await holder.query('COMMIT');
    expect(await run).toMatchObject({ applied: [DateNote.name] });
  });

  it('does not delay another tenant, whose birth ends while the lock is held', async () => {
    holder = await testbed.lockHolder(await testbed.behind('slow'));
    const waiting = migrator.upgradeTenant('slow');
    expect(await migrator.initTenant({ schema: 'quick' }, { lockWaitMs: 0 })).toMatchObject({ applied: [CreateNote.name, DateNote.name] });
    expect(await testbed.history('slow')).toEqual([CreateNote.name]);
    await holder.query('COMMIT');
    expect(await waiting).toMatchObject({ applied: [DateNote.name] });
  });

  it('does not take from another tenant of this process the connection that it needs', async () => {
    const narrow = await testbed.open({ tenant: [CreateNote, DateNote], poolSize: 1 });
    holder = await testbed.lockHolder(await testbed.behind('greedy'));
    const stop = new AbortController();
    const waiting = narrow.upgradeTenant('greedy', { signal: stop.signal });
    const birth = narrow.initTenant({ schema: 'modest' });
    const first = await Promise.race([birth.then(() => 'born'), testbed.value(`'kept waiting' FROM pg_sleep(1)`)]);
    stop.abort();
    await Promise.all([waiting, birth]);
    expect(first).toBe('born');
  });

  it('reports it in the same way when the schema is still to be made', async () => {
    await testbed.rows(`INSERT INTO public.tenant_registry (tenant_name, schema_name) VALUES ('early', 'early')`);
    holder = await testbed.lockHolder('early');
    const { error } = await migrator.initTenant({ schema: 'early' }, { lockWaitMs: 50 });
    expect(error).toMatchObject({ code: 'LOCKED', fields: { application: 'psql' } });
  });

  it('tells by events that it waits, and how its step ended', async () => {
    holder = await testbed.lockHolder(await testbed.behind('told'));
    const told: TenancyEvent['type'][] = [];
    const stop = migrator.events.subscribe(({ type }) => told.push(type));
    await migrator.upgradeTenant('told', { lockWaitMs: 50 });
    stop();
    expect(told).toEqual(['plan', 'step-started', 'lock-waiting', 'step-failed']);
  });

  it('waits for a step without a transaction, too', async () => {
    const next = await testbed.open({ tenant: [CreateNote, nonTransactional('Index', 2, 'CREATE INDEX CONCURRENTLY note_idx ON note (text)')] });
    holder = await testbed.lockHolder(await testbed.behind('indexed'));
    expect((await next.upgradeTenant('indexed', { lockWaitMs: 50 })).error).toMatchObject({ code: 'LOCKED', fields: { application: 'psql' } });
    expect((await testbed.journal('indexed')).map(({ outcome }) => outcome)).toEqual(['applied']);
  });
});

describe('for a login that PostgreSQL tells little about the sessions of others', () => {
  const guarded = useTestbed('createrole');

  it('a locked tenant is reported without what is not known', async () => {
    const first = await guarded.open();
    await first.initPublic();
    await first.initTenant({ schema: 'locked' });
    await guarded.lockHolder('locked');
    const { error } = await (await guarded.open({ tenant: [CreateNote, DateNote] })).upgradeTenant('locked', { lockWaitMs: 20 });
    expect(error).toMatchObject({
      code: 'LOCKED', fields: { pid: expect.any(Number), application: 'psql' }, message: expect.not.stringContaining('null'),
    });
  });
});

describe('the lock of the public schema', () => {
  it('lets no tenant migrate while the public track does, and names who does', async () => {
    await testbed.behind('kept_out');
    holder = await testbed.somebody(`SELECT pg_advisory_xact_lock(${LOCK_NAMESPACE}, 0)`);
    expect((await migrator.upgradeTenant('kept_out', { lockWaitMs: 50 })).error).toMatchObject({ code: 'LOCKED', fields: { application: 'psql' } });
  });

  it('is reported, and not thrown, when init-public does not get it', async () => {
    holder = await testbed.somebody(`SELECT pg_advisory_xact_lock(${LOCK_NAMESPACE}, 0)`);
    expect((await migrator.initPublic({ lockWaitMs: 50 })).error).toMatchObject({
      code: 'LOCKED', fields: { schema: 'public', application: 'psql' },
    });
  });

  it('makes a public migration wait for the tenants that migrate', async () => {
    const next = await testbed.open({ public: [CreatePlan] });
    holder = await testbed.somebody(`SELECT pg_advisory_xact_lock_shared(${LOCK_NAMESPACE}, 0)`);
    expect((await next.upgradePublic({ lockWaitMs: 50 })).error).toMatchObject({ code: 'LOCKED', fields: { schema: 'public', application: 'psql' } });
  });
});

describe('a statement that waits for a table', () => {
  it('gives way after lock_timeout, is tried again, and succeeds when the table is free', async () => {
    const impatient = await testbed.open({ tenant: [CreateNote, DateNote], lockTimeoutMs: 50 });
    holder = await testbed.somebody(`SELECT * FROM ${await testbed.behind('read')}.note`);
    const retried: TenancyEvent[] = [];
    impatient.events.subscribe((event) => {
      if (event.type === 'step-retried') retried.push(event);
      if (retried.length === 2) void holder.query('COMMIT');
    });
    expect(await impatient.upgradeTenant('read')).toMatchObject({ applied: [DateNote.name] });
    expect(retried[0]).toMatchObject({
      type: 'step-retried', schema: 'read', migration: DateNote.name, sqlState: '55P03', attempt: 1, delayMs: expect.any(Number),
    });
    expect(await testbed.journal('read')).toMatchObject([{}, { outcome: 'applied', attempts: expect.any(Number) }]);
    expect((await testbed.journal('read'))[1]?.['attempts']).toBeGreaterThanOrEqual(3);
  });

  it('fails with what to do when the table is never free', async () => {
    const impatient = await testbed.open({ tenant: [CreateNote, DateNote], lockTimeoutMs: 50 });
    holder = await testbed.somebody(`SELECT * FROM ${await testbed.behind('hogged')}.note`);
    const { error } = await impatient.upgradeTenant('hogged', { lockWaitMs: 150 });
    expect(error).toMatchObject({ code: 'MIGRATION_FAILED', fields: { sqlState: '55P03' }, remedy: expect.stringContaining('--lock-wait') });
  });

  it('queues nobody behind it for longer than lock_timeout, the rows that the engine itself writes included', async () => {
    const impatient = await testbed.open({ tenant: [CreateNote, DateNote], lockTimeoutMs: 50 });
    holder = await testbed.somebody(`SELECT * FROM public.tenant_registry WHERE schema_name = '${await testbed.behind('edited')}' FOR UPDATE`);
    const run = impatient.upgradeTenant('edited', { lockWaitMs: 200 });
    const winner = await Promise.race([run.then(() => 'the run gave up'), testbed.value(`'still waiting' FROM pg_sleep(2)`)]);
    await holder.query('COMMIT');
    await run;
    expect(winner).toBe('the run gave up');
  });
});

describe('an activation', () => {
  it('waits for its row of the registry as patiently as a step does', async () => {
    const letGo = await testbed.holdActivations();
    const birth = migrator.initTenant({ schema: 'held_up' }).catch((error: unknown) => ({ error }));
    await testbed.waitingPid();
    await testbed.value('pg_sleep(0.8)');
    await letGo();
    expect(await birth).toMatchObject({ revision: DateNote.name, apiKey: expect.any(String) });
  });
});

describe('a failure', () => {
  const Fails = migration('Fails', 2, 'SELECT 1 / 0');

  it.each([
    ['the journal', 'LOCK TABLE public.migration_step IN SHARE MODE'],
    ["the tenant's row of the registry", `UPDATE public.tenant_registry SET updated_at = now() WHERE schema_name = 'unnoted'`],
  ])('is reported soon although somebody keeps %s from being written', async (_, statement) => {
    const failing = await testbed.open({ tenant: [CreateNote, Fails] });
    await failing.initTenant({ schema: 'unnoted' });
    holder = await testbed.somebody(statement);
    const run = failing.initTenant({ schema: 'unnoted' }, { lockWaitMs: 100 });
    const outcome = run.then(({ error }) => error?.code, (error: TenancyError) => `thrown: ${error.code}`);
    const first = await Promise.race([outcome, testbed.value(`'still waiting' FROM pg_sleep(3)`)]);
    await holder.end();
    await outcome;
    expect(first).toBe('MIGRATION_FAILED');
  });
});
