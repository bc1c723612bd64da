import { TenancyEvents, type TenancyEvent } from './events';

const EVENT: TenancyEvent = { type: 'tenant-registered', schema: 'demo' };

describe('TenancyEvents', () => {
  it('tells every listener, in the order of their subscription', () => {
    const events = new TenancyEvents();
    const heard: string[] = [];
    events.subscribe(({ type }) => heard.push(`first ${type}`));
    events.subscribe(({ type }) => heard.push(`second ${type}`));
    events.emit(EVENT);
    expect(heard).toEqual(['first tenant-registered', 'second tenant-registered']);
  });

  it('tells a listener nothing before it subscribed or after it left', () => {
    const events = new TenancyEvents();
    const heard: TenancyEvent[] = [];
    events.emit(EVENT);
    const leave = events.subscribe((event) => heard.push(event));
    events.emit(EVENT);
    leave();
    leave();
    events.emit(EVENT);
    expect(heard).toEqual([EVENT]);
  });

  it('lets a listener leave while it listens', () => {
    const events = new TenancyEvents();
    let calls = 0;
    const leave = events.subscribe(() => {
      calls++;
      leave();
    });
    events.emit(EVENT);
    events.emit(EVENT);
    expect(calls).toBe(1);
  });

  it.each([
    ['throws', () => {
      throw new Error('no paper');
    }],
    ['rejects', () => Promise.reject(new Error('no paper'))],
  ])('reports a listener that %s, and tells the others all the same', async (_, listener) => {
    const reported: string[] = [];
    const events = new TenancyEvents((message) => reported.push(message));
    const heard: TenancyEvent[] = [];
    events.subscribe(listener);
    events.subscribe((event) => heard.push(event));
    expect(() => events.emit(EVENT)).not.toThrow();
    expect(heard).toEqual([EVENT]);
    await new Promise(setImmediate);
    expect(reported).toEqual([expect.stringMatching(/tenant-registered.*no paper/)]);
  });

  it('does not wait for a listener that takes its time', () => {
    const events = new TenancyEvents();
    const heard: string[] = [];
    events.subscribe(async () => {
      heard.push('slow begins');
      await new Promise(setImmediate);
    });
    events.subscribe(() => heard.push('fast'));
    events.emit(EVENT);
    expect(heard).toEqual(['slow begins', 'fast']);
  });

  it('reports as a warning of the process where nobody said otherwise', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const events = new TenancyEvents();
    events.subscribe(() => {
      throw new Error('no paper');
    });
    events.emit(EVENT);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/tenant-registered.*no paper/), 'TenancyEventsWarning']]);
    warn.mockRestore();
  });
});
