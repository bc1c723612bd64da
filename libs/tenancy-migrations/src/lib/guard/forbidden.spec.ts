import { findForbidden, shorten } from './forbidden';

const REFUSED = {
  'transaction control': [
    'COMMIT', 'commit;', 'CoMmIt Work', 'COMMIT TRANSACTION', 'COMMIT AND CHAIN', `COMMIT PREPARED 'x'`, 'END', 'END;', 'END WORK', 'ROLLBACK',
    'ROLLBACK WORK',
    'ROLLBACK AND NO CHAIN', `ROLLBACK PREPARED 'x'`, 'ABORT', 'BEGIN', 'BEGIN ISOLATION LEVEL SERIALIZABLE', 'START TRANSACTION',
    'start\ttransaction read only',
    `PREPARE TRANSACTION 'x'`,
  ],
  'transaction control among other statements': [
    'SELECT 1; COMMIT', 'COMMIT; SELECT 1', ';;COMMIT', 'SELECT 1;COMMIT--x', '/* a */COMMIT', '/* /* */ */ COMMIT', '-- a\nCOMMIT', 'COMMIT/**/WORK',
    `SELECT ';' ; COMMIT`, `SELECT 'it''s'; COMMIT`, `SELECT '\\'; COMMIT`, `SELECT E'\\\\'; COMMIT`, `SELECT E'it\\'s'; COMMIT`,
    'SELECT $$;$$; COMMIT',
    'SELECT $a$ $b$ $a$; COMMIT', 'SELECT "a"";"; COMMIT', 'SELECT a$b$c; COMMIT', 'SELECT $1; COMMIT', 'SELECT 1); COMMIT', `SELECT U&"a"; COMMIT`,
    'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); COMMIT', 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; COMMIT',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT', 'SAVEPOINT a; ROLLBACK TO a; ROLLBACK',
    `SELECT E'a'\n'\\''; COMMIT`,
  ],
  'changes of the role': [
    'SET ROLE x', 'SET ROLE NONE', `SET ROLE 'x'`, 'SET LOCAL ROLE x', 'SET SESSION ROLE x', 'SET role TO x', 'SET role = x', 'SET "role" = x',
    'SET "ROLE" TO x',
    'SET LOCAL "role" TO x', 'SET U&"role" TO x', 'RESET ROLE', 'reset role', 'RESET "role"', 'SET SESSION AUTHORIZATION x',
    'SET SESSION AUTHORIZATION DEFAULT',
    'SET LOCAL SESSION AUTHORIZATION x', 'SET SESSION SESSION AUTHORIZATION x', 'SET session_authorization TO x',
    'SET LOCAL session_authorization TO x',
    'RESET SESSION AUTHORIZATION', 'RESET session_authorization', 'SET/**/ROLE/**/x',
  ],
  'changes of the role by set_config': [
    `SELECT set_config('role', 'x', true)`, `SELECT pg_catalog.set_config('role', 'x', true)`, `SELECT "set_config"('role', 'x', true)`,
    `select Set_Config ( 'Role' , $1, true)`,
    `SELECT set_config('session_authorization', 'x', true)`, `WITH a AS (SELECT set_config('role', 'x', true)) SELECT * FROM a`,
    `SELECT set_config($1, $2, true)`,
    `SELECT set_config('ro' || 'le', 'x', true)`, `UPDATE t SET a = set_config('role', 'x', true)`, `SELECT set_config(E'role', 'x', true)`,
  ],
  'discarding the session': ['DISCARD ALL', 'discard temp', 'DISCARD PLANS', 'SELECT 1; DISCARD SEQUENCES'],
  'another reading of strings, by which this reading would be wrong': [
    'SET standard_conforming_strings = off', 'SET LOCAL standard_conforming_strings TO off',
    `SELECT set_config('standard_conforming_strings', 'off', true)`,
  ],
  'in a DO block': [
    'DO $$ BEGIN COMMIT; END $$', 'DO $$ BEGIN ROLLBACK; END $$', 'DO $$ BEGIN COMMIT AND CHAIN; END $$',
    'DO $$ BEGIN IF true THEN COMMIT; END IF; END $$',
    'DO $$ BEGIN FOR i IN 1..2 LOOP COMMIT; END LOOP; END $$', 'DO $$ BEGIN PERFORM 1; EXCEPTION WHEN OTHERS THEN ROLLBACK; END $$',
    'DO $$ BEGIN IF true THEN NULL; ELSE COMMIT; END IF; END $$', 'DO $$ BEGIN RESET ROLE; END $$', 'DO $x$ BEGIN SET ROLE x; END $x$',
    'DO $$ BEGIN SET LOCAL ROLE x; END $$', 'DO $$ BEGIN SET SESSION AUTHORIZATION x; END $$',
    `DO $$ BEGIN PERFORM set_config('role', 'x', true); END $$`,
    `DO 'BEGIN RESET ROLE; END'`, `DO LANGUAGE plpgsql $$ BEGIN RESET ROLE; END $$`, 'DO $$ BEGIN RESET ROLE; END $$ LANGUAGE plpgsql',
    `DO $$ BEGIN EXECUTE 'RESET ROLE'; END $$`, `DO $$ BEGIN EXECUTE 'SELECT 1; SET ROLE x'; END $$`,
    `DO $$ BEGIN EXECUTE format('SET ROLE %I', 'x'); END $$`,
    'DO $$ BEGIN EXECUTE $q$RESET ROLE$q$; END $$', `DO 'BEGIN EXECUTE ''RESET ROLE''; END'`, 'DO $$ BEGIN /* a */ RESET /* b */ ROLE; END $$',
    `DO E'BEGIN\\nRESET ROLE;\\nEND'`, 'SELECT 1; DO $$ BEGIN RESET ROLE; END $$',
  ],
  'in the body of a routine': [
    'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; END $$',
    `CREATE OR REPLACE FUNCTION f() RETURNS void AS 'BEGIN SET ROLE x; END' LANGUAGE plpgsql`,
    'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN SET ROLE x; END $$',
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET role = x AS $$ SELECT 1 $$',
    'ALTER FUNCTION f() SET role TO x', 'ALTER FUNCTION f() RESET role', 'ALTER PROCEDURE p() SET "role" = x',
    `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT set_config('role', 'x', true) $$`,
    `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SET ROLE x'; END $$`,
  ],
};

const PASSES = {
  'savepoints and what nests with them': [
    'SAVEPOINT a', 'RELEASE a', 'RELEASE SAVEPOINT a', 'ROLLBACK TO a', 'ROLLBACK TO SAVEPOINT a', 'ROLLBACK WORK TO SAVEPOINT a',
    'ROLLBACK TRANSACTION TO a', 'rollback to savepoint typeorm_1',
  ],
  'settings that are its own': [
    `SET LOCAL statement_timeout = '5s'`, 'SET statement_timeout TO 0', 'SET SESSION work_mem = 64', 'RESET statement_timeout', 'RESET ALL',
    'SET search_path TO acme', `SET TIME ZONE 'UTC'`,
    'SET CONSTRAINTS ALL DEFERRED', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE', `SELECT set_config('search_path', '', false)`,
    `SELECT set_config('app.role', 'x', true)`,
    `SELECT current_setting('role')`, 'SET standard_conforming_strings = on',
  ],
  'columns and tables of such names': [
    `UPDATE t SET role = 'x'`, `UPDATE t SET a = 1, role = 'x'`, `UPDATE t\nSET\nrole = 'x'`,
    `INSERT INTO t (role) VALUES ('x') ON CONFLICT (id) DO UPDATE SET role = excluded.role`,
    `MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET role = s.role`, 'ALTER TABLE t ALTER COLUMN role SET NOT NULL',
    `ALTER TABLE t ALTER role SET DEFAULT 'x'`,
    'CREATE TABLE role (role text, "commit" int, "end" int, "begin" int)', 'SELECT "commit" FROM t',
    'ALTER TABLE t RENAME COLUMN "commit" TO "rollback"', 'DROP TABLE "COMMIT"',
    'SELECT 1 AS commit', 'CREATE TABLE session (authorization_id int)', 'COMMENT ON COLUMN t.role IS NULL',
    'CREATE FUNCTION set_role() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
  ],
  'words in strings and comments': [
    `INSERT INTO t VALUES ('COMMIT')`, `INSERT INTO t VALUES ('; COMMIT;')`, `INSERT INTO t VALUES ('it''s; COMMIT; --')`,
    `SELECT E'\\'; COMMIT; --'`, 'SELECT $$; COMMIT; $$',
    'SELECT $a$ $$; COMMIT; $$ $a$', 'SELECT 1 -- ; COMMIT', 'SELECT 1 /* ; COMMIT; /* ; END; */ RESET ROLE; */', '-- COMMIT\nSELECT 1',
    `COMMENT ON TABLE t IS 'RESET ROLE'`,
    `SELECT 'set_config(''role'', 1)'`, 'SELECT "; COMMIT; "', `SELECT U&"; COMMIT; "`, `INSERT INTO t VALUES ('Set role to admin')`,
    `SELECT ' DO $$ BEGIN RESET ROLE; END $$'`,
  ],
  'blocks and routines': [
    'DO $$ BEGIN PERFORM 1; END $$', 'DO $$ DECLARE a int; BEGIN BEGIN a := 1; EXCEPTION WHEN OTHERS THEN NULL; END; END; $$',
    `DO $$ BEGIN RAISE NOTICE 'End'; RAISE NOTICE 'Begin'; END $$`,
    `DO $$ BEGIN RAISE NOTICE 'Commit; then rollback;'; END $$`, `DO $$ DECLARE role text := 'x'; BEGIN role := 'y'; UPDATE t SET role = 'z'; END $$`,
    `DO $$ BEGIN /* COMMIT; */ NULL; -- RESET ROLE;\nEND $$`,
    `DO $$ BEGIN INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET role = 'x'; END $$`,
    `DO $$ BEGIN SET LOCAL statement_timeout = 0; PERFORM set_config('a.b', 'c', true); END $$`,
    'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM t; COMMIT; END $$',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 ELSE 2 END; END',
    `CREATE FUNCTION f() RETURNS void BEGIN ATOMIC UPDATE t SET role = 'x'; END`,
    `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET role = 'x'; END $$`,
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = acme AS $$ SELECT 1 $$', 'ALTER FUNCTION f() SET search_path = acme',
    'CREATE TRIGGER a BEFORE UPDATE ON t EXECUTE FUNCTION f()',
    'CALL p()', 'PREPARE a AS SELECT 1', 'EXECUTE a', `CREATE FUNCTION f(role text DEFAULT 'x') RETURNS text LANGUAGE sql AS 'SELECT role'`,
  ],
  'prose in the strings of a block': [
    `DO $$ BEGIN RAISE NOTICE 'Set role names to lower case'; END $$`, `DO $$ BEGIN INSERT INTO permission (label) VALUES ('Reset role'); END $$`,
    `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Set role first'; END $$`,
  ],
  'nothing at all': ['', ' ', ';', '-- nothing', '/* nothing */'],
};

function cases(table: Readonly<Record<string, readonly string[]>>): [string, string][] {
  return Object.entries(table).flatMap(([kind, statements]) => statements.map((sql): [string, string] => [kind, sql]));
}

describe('findForbidden', () => {
  it.each(cases(REFUSED))('refuses %s: %s', (_, sql) => {
    expect(findForbidden(sql)).toMatchObject({ code: 'STATEMENT_REFUSED' });
  });

  it.each(cases(PASSES))('lets pass %s: %s', (_, sql) => {
    expect(findForbidden(sql)).toBeUndefined();
  });

  it.each([
    ['COMMIT', 'it controls the transaction'], ['RESET ROLE', 'it changes the role'], ['DISCARD ALL', 'it discards state of the session'],
  ])('says why %s is refused, and names that statement alone', (statement, why) => {
    const refused = findForbidden(`CREATE TABLE a (id int);\n  ${statement} ;\nSELECT 'secret'`);
    expect(refused?.statement).toBe(statement);
    expect(refused?.message).toContain(`«${statement}» was refused before it was sent: ${why}`);
    expect(refused?.message).not.toContain('secret');
  });
});

describe('shorten', () => {
  it('makes one line of a statement, at most 300 characters long', () => {
    expect(shorten('  SELECT\n\t1  ')).toBe('SELECT 1');
    expect(shorten('x'.repeat(300))).toBe('x'.repeat(300));
    expect(shorten('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
  });
});
