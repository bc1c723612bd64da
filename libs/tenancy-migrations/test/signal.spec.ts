import type { Migrator } from 'tenancy-migrations';
import { CreateNote, migration, type Action } from './support/migrations';
import { useTestbed } from './support/testbed';

const testbed = useTestbed();
const DateNote = migration('DateNote', 2, 'ALTER TABLE note ADD COLUMN written_on date');
let migrator: Migrator;
beforeAll(async () => {
  migrator = await testbed.open({ tenant: [CreateNote, DateNote] });
  await migrator.initPublic();
});

describe('a signal', () => {
  const stopAfter = (stop: AbortController): Action => async () => stop.abort();

  it('stops between two steps: what was applied stays, and the rest is named', async () => {
    const stop = new AbortController();
    const stoppable = await testbed.open({ tenant: [migration('One', 1, stopAfter(stop)), migration('Two', 2, 'SELECT 1')] });
    const { applied, revision, error } = await stoppable.initTenant({ schema: 'stopped' }, { signal: stop.signal });
    expect({ applied, revision }).toEqual({ applied: ['One1700000000001'], revision: 'One1700000000001' });
    expect(error).toMatchObject({ code: 'STOPPED', fields: { schema: 'stopped', pending: ['Two1700000000002'] } });
    expect(await testbed.registered('stopped')).toMatchObject({ status: 'provisioning' });
    expect(await stoppable.initTenant({ schema: 'stopped' })).toMatchObject({ applied: ['Two1700000000002'], apiKey: expect.any(String) });
  });

  it('ends the wait for a lock, and names what is pending', async () => {
    await testbed.lockHolder(await testbed.behind('abandoned'));
    const { error } = await migrator.upgradeTenant('abandoned', { signal: AbortSignal.timeout(100) });
    expect(error).toMatchObject({ code: 'STOPPED', fields: { pending: [DateNote.name] } });
  });

  it('ends the tries for a table, as a stop and not as a failure', async () => {
    const impatient = await testbed.open({ tenant: [CreateNote, DateNote], lockTimeoutMs: 50 });
    await testbed.somebody(`SELECT * FROM ${await testbed.behind('retried')}.note`);
    const before = Date.now();
    const { error } = await impatient.upgradeTenant('retried', { signal: AbortSignal.timeout(150) });
    expect(Date.now() - before).toBeLessThan(2000);
    expect(error).toMatchObject({ code: 'STOPPED', fields: { pending: [DateNote.name] } });
  });

  it('ends the wait for a lock before the first step, and names all that is pending', async () => {
    await testbed.rows(`INSERT INTO public.tenant_registry (tenant_name, schema_name) VALUES ('early', 'early')`);
    await testbed.lockHolder('early');
    const { error } = await migrator.initTenant({ schema: 'early' }, { signal: AbortSignal.timeout(100) });
    expect(error).toMatchObject({ code: 'STOPPED', fields: { pending: [CreateNote.name, DateNote.name] } });
  });

  it('that came before the start does not make a report tell of an existing tenant what was not read', async () => {
    const schema = await testbed.behind('known');
    const report = await migrator.initTenant({ schema }, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ revision: CreateNote.name, applied: [], error: { code: 'STOPPED', fields: { pending: [DateNote.name] } } });
  });

  it('that came before the start leaves the database as it was', async () => {
    const { error } = await migrator.initTenant({ schema: 'never' }, { signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: 'STOPPED', fields: { pending: [CreateNote.name, DateNote.name] } });
    expect(await testbed.registered('never')).toBeUndefined();
  });
});
