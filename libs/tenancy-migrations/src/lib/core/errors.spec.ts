import * as errors from './errors';

const { TenancyError } = errors;
const CAUSE = new Error('the cause');
const PLACE = { schema: 'demo', migration: 'A1700000000001', statement: 'SELECT 1' };

const DOCUMENTS: readonly (readonly [code: string, error: errors.TenancyError, says: readonly string[]])[] = [
  ['INVALID_NAME', new errors.InvalidNameError('De mo', 'it is odd'), ['"De mo"', 'it is odd']],
  ['INVALID_NAME', new errors.InvalidNameError({ secret: 1 }, 'it is odd'), ['"object"']],
  ['INVALID_OPTIONS', new errors.InvalidOptionsError(['a is wrong', 'b is missing'], CAUSE), ['a is wrong; b is missing']],
  ['INVALID_TENANT', new errors.InvalidTenantError('domain', 'is empty'), ['domain is empty']],
  ['PUBLIC_TRACK_BEHIND', new errors.PublicTrackBehindError(['A1'], true), ['1 pending', 'upgrade-public']],
  ['PUBLIC_TRACK_BEHIND', new errors.PublicTrackBehindError(['A1'], false), ['no public track', 'init-public']],
  ['UNKNOWN_TENANT', new errors.UnknownTenantError('demo'), ['"demo"', 'init-tenant --schema demo']],
  ['UNREGISTERED_SCHEMA', new errors.UnregisteredSchemaError('demo', CAUSE), ['"demo"', 'nothing was changed']],
  ['TENANT_NOT_ACTIVE', new errors.TenantNotActiveError('demo', 'archived', 'Wake it.'), ['archived', 'Wake it.']],
  ['DOMAIN_TAKEN', new errors.DomainTakenError('demo.example', CAUSE), ['demo.example']],
  ['MIGRATION_FAILED', new errors.MigrationFailedError(PLACE, 'it hurts', '42P01', CAUSE), ['A1700000000001', '"demo"', '42P01', 'it hurts']],
  ['MIGRATION_FAILED', new errors.MigrationFailedError(PLACE, 'it hurts', undefined, CAUSE, 'Rest.'), ['it hurts', 'Rest.']],
  ['ISOLATION_VIOLATION', new errors.IsolationViolationError(PLACE, 'it changed public.plan', '42501', CAUSE), ['A1700000000001', 'public.plan']],
  ['STATEMENT_REFUSED', new errors.RefusedStatementError('COMMIT', 'it ends the transaction'), ['«COMMIT»', 'it ends the transaction']],
  ['LOCKED', new errors.LockedError('demo', 1500, { pid: 42, application: 'deploy', since: '2026-01-01T00:00:00Z' }),
    ['"demo"', 'pid 42', 'deploy', '1500 ms']],
  ['LOCKED', new errors.LockedError('demo', 1500, { pid: 42, application: '', since: '2026-01-01T00:00:00Z' }), ['pid 42 (since 2026']],
  ['LOCKED', new errors.LockedError('demo', 1500, undefined), ['"demo" is still locked after']],
  ['OUT_OF_ORDER', new errors.OutOfOrderError('demo', ['A1', 'B2']), ['A1, B2', '--strict-order']],
  ['STOPPED', new errors.StoppedError('demo', ['A1', 'B2']), ['2 pending']],
  ['DATABASE_UNREACHABLE', new errors.DatabaseAccessError('DATABASE_UNREACHABLE', 'It is away', 'Call it.', CAUSE), ['It is away', 'Call it.']],
  ['DIRECT_CONNECTION_REQUIRED', new errors.DirectConnectionRequiredError('demo', 'A1'), ['A1', 'DIRECT_DATABASE_URL']],
  ['TENANT_SESSION_REQUIRED', new errors.TenantSessionRequiredError(), ['session']],
];

describe('Every error is a small document:', () => {
  it.each(DOCUMENTS)('%s is a TenancyError that carries its code and the name of its class', (code, error) => {
    expect(error).toBeInstanceOf(TenancyError);
    expect(error).toBeInstanceOf(Error);
    expect([error.code, error.name, error.stack?.split('\n')[0]]).toEqual([code, error.constructor.name, expect.stringContaining(error.message)]);
  });

  it.each(DOCUMENTS)('%s says what happened and ends with what to do', (_, error, says) => {
    for (const words of says) expect(error.message).toContain(words);
    expect(error.remedy).toMatch(/^[A-Z].*\.$/);
    expect(error.message.endsWith(`. ${error.remedy}`)).toBe(true);
    expect(error.message).not.toMatch(/undefined|null|\[object|\.\.|\n/);
  });

  it.each(DOCUMENTS)('%s becomes JSON of its code, message, remedy and facts, without the stack or the cause', (code, error) => {
    const json: unknown = JSON.parse(JSON.stringify(error));
    expect(json).toMatchObject({ code, message: error.message, remedy: error.remedy });
    expect(Object.keys(json as object)).not.toEqual(expect.arrayContaining(['stack']));
    expect(Object.keys(json as object)).not.toEqual(expect.arrayContaining(['cause']));
  });

  it.each([
    [new errors.MigrationFailedError(PLACE, 'it hurts', '42P01', CAUSE), { ...PLACE, sqlState: '42P01' }],
    [new errors.IsolationViolationError(PLACE, 'it changed public.plan', '42501'),
      { ...PLACE, touched: 'it changed public.plan', sqlState: '42501' }],
    [new errors.LockedError('demo', 9, { pid: 42, application: 'deploy', since: 'now' }),
      { schema: 'demo', waitedMs: 9, pid: 42, application: 'deploy', since: 'now' }],
    [new errors.OutOfOrderError('demo', ['A1']), { schema: 'demo', migrations: ['A1'] }],
    [new errors.InvalidOptionsError(['a']), { problems: ['a'] }],
    [new errors.RefusedStatementError('COMMIT', 'why'), { statement: 'COMMIT' }],
  ])('the facts behind %p are fields', (error, fields) => {
    expect(error.toJSON()).toMatchObject(fields);
  });

  it('the cause is kept for whoever debugs, and absent where there is none', () => {
    expect(new errors.UnregisteredSchemaError('demo', CAUSE).cause).toBe(CAUSE);
    expect('cause' in new errors.UnknownTenantError('demo')).toBe(false);
  });
});
