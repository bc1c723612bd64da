import { expectApplied, expectRefused, LOGINS, ProbedTenant } from './support/probed-tenant';

const PREY = 'DELETE FROM public.tenant_registry';

/** Each ends the transaction, the role or the session that the step was given, or begins another. */
const CONTROL = [
  'COMMIT', 'COMMIT WORK', 'COMMIT AND CHAIN', 'END', 'END TRANSACTION', 'ROLLBACK', 'ROLLBACK WORK', 'ROLLBACK AND CHAIN', 'ABORT', 'BEGIN',
  'START TRANSACTION',
  `PREPARE TRANSACTION 'later'`, `COMMIT PREPARED 'later'`, `ROLLBACK PREPARED 'later'`,
  'RESET ROLE', 'SET ROLE NONE', 'SET ROLE postgres', `SET ROLE 'postgres'`, 'SET LOCAL ROLE NONE', 'SET SESSION ROLE NONE', 'SET role TO none',
  `SET "role" = 'none'`,
  'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION DEFAULT', 'SET SESSION AUTHORIZATION postgres', 'SET LOCAL SESSION AUTHORIZATION DEFAULT',
  'SET session_authorization TO DEFAULT', 'RESET session_authorization',
  `SELECT set_config('role', 'none', false)`, `SELECT pg_catalog.set_config('role', 'none', true)`,
  `SELECT set_config('session_authorization', 'postgres', false)`,
  'DISCARD ALL', 'DISCARD PLANS',
];

/** The same statement in clothes that a search for words would not know it in. */
const DISGUISES: readonly (readonly [where: string, dress: (statement: string) => string])[] = [
  ['as the first of several', (statement) => `${statement}; ${PREY}`],
  ['as the last of several', (statement) => `CREATE TABLE a (id int); INSERT INTO a VALUES (1); ${statement};`],
  ['behind comments', (statement) => `/* a /* nested */ comment */ -- and a line\n ${statement}`],
  ['with a comment inside', (statement) => statement.replace(' ', ' /* ; */ ')],
  ['in odd case', (statement) => [...statement].map((letter, at) => (at % 2 ? letter.toLowerCase() : letter)).join('')],
  ['behind an empty statement', (statement) => ` ; ;${statement}`],
  ['behind a string that looks unfinished', (statement) => `SELECT 'it''s', E'it\\'s', $a$ ' $a$, "relname" FROM pg_class LIMIT 0; ${statement}`],
];

/** In PL/pgSQL: transaction control, and everything about the role. */
const IN_A_BLOCK = [
  'COMMIT;', 'ROLLBACK;', 'IF true THEN COMMIT; END IF;', 'RESET ROLE;', 'SET ROLE NONE;', 'SET LOCAL ROLE NONE;', 'RESET SESSION AUTHORIZATION;',
  'SET SESSION AUTHORIZATION DEFAULT;', `PERFORM set_config('role', 'none', false);`, `EXECUTE 'RESET ROLE';`, `EXECUTE $x$SET ROLE NONE$x$;`,
  `EXECUTE format('SET ROLE %I', session_user);`, `EXECUTE 'SELECT 1; RESET ROLE';`,
];

const HARMLESS = [
  'SAVEPOINT a; CREATE TABLE gone (id int); ROLLBACK TO SAVEPOINT a; RELEASE a', `SET LOCAL statement_timeout = '5s'`, `SET lock_timeout TO '2s'`,
  `SELECT set_config('search_path', 'acme, extensions', false)`, 'SET CONSTRAINTS ALL DEFERRED', `COMMENT ON TABLE things IS 'COMMIT; RESET ROLE;'`,
  `UPDATE things SET label = 'COMMIT' -- COMMIT;`, `DO $$ BEGIN RAISE NOTICE 'End'; RAISE NOTICE 'Commit; now'; END $$`,
  'CREATE TEMP TABLE scratch ("commit" int, role text) ON COMMIT DROP; UPDATE scratch SET role = NULL',
];

describe.each(LOGINS)('A tenant migration run by a %s login', (login) => {
  let tenant: ProbedTenant;
  beforeAll(async () => {
    tenant = await ProbedTenant.open({ login });
  });
  afterAll(() => tenant.close());

  it.each(CONTROL)('is refused when it sends %s', (statement) => expectRefused(tenant, statement, `«${statement}»`));

  it.each(CONTROL)('is refused when it sends %s, catches the refusal and goes on', async (statement) => {
    await expectRefused(tenant, async (runner) => {
      await runner.query(statement).catch(() => undefined);
      await runner.query('CREATE TABLE went_on (id int)');
    }, `«${statement}»`);
  });

  it.each(DISGUISES)('is refused when it sends a forbidden statement %s', async (_, dress) => {
    for (const statement of ['COMMIT WORK', 'RESET ROLE', 'SET ROLE NONE', 'RESET SESSION AUTHORIZATION', 'DISCARD ALL']) {
      await expectRefused(tenant, dress(statement), '');
    }
  });

  it.each(IN_A_BLOCK)('is refused when a DO block says %s', (body) => expectRefused(tenant, `DO $do$ BEGIN ${body} ${PREY}; END $do$`, 'DO'));

  it('is refused when a routine of its own changes the role', async () => {
    await expectRefused(tenant, `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; ${PREY}; END $$; SELECT f()`, 'f()');
    await expectRefused(tenant, 'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET role = postgres AS $$ SELECT 1 $$', 'f()');
  });

  it.each([
    ['commitTransaction', 'COMMIT'], ['rollbackTransaction', 'ROLLBACK'],
  ] as const)('is refused when it calls %s of the QueryRunner for the transaction that the runner began', (call, statement) =>
    expectRefused(tenant, (runner) => runner[call](), `«${statement}»`));

  it.each(HARMLESS)('is applied when it sends %s', (sql) => expectApplied(tenant, sql));
});
