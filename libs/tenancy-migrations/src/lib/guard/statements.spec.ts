import { reads, splitStatements } from './statements';
import { tokenize } from './lexer';

function split(sql: string): string[] {
  return splitStatements(sql).map(({ text }) => text);
}

describe('splitStatements', () => {
  it.each([
    ['one', 'SELECT 1', ['SELECT 1']],
    ['one with its semicolon', 'SELECT 1;', ['SELECT 1']],
    ['several', 'SELECT 1; SELECT 2;\nSELECT 3', ['SELECT 1', 'SELECT 2', 'SELECT 3']],
    ['none', ' ;; /* nothing */ ; -- nothing', []],
    ['one among empty ones', ';;SELECT 1;;', ['SELECT 1']],
    ['with comments around, not inside', '/* a */ SELECT /* b */ 1 -- c', ['SELECT /* b */ 1']],
    ['semicolons in strings and identifiers', `SELECT ';', "a;b", $$;$$, E'\\';'; SELECT 2`, [`SELECT ';', "a;b", $$;$$, E'\\';'`, 'SELECT 2']],
    ['semicolons in comments', 'SELECT 1 /* ; */ + 2 -- ;\n; SELECT 3', ['SELECT 1 /* ; */ + 2', 'SELECT 3']],
    ['a rule with several actions', 'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3', [
      'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)', 'SELECT 3',
    ]],
    ['a routine with a body of SQL', 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3', [
      'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END', 'SELECT 3',
    ]],
    ['a routine whose body holds a CASE', 'CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; COMMIT', [
      'CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END', 'COMMIT',
    ]],
    ['a routine with a quoted body', 'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$; SELECT 2', [
      'CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$', 'SELECT 2',
    ]],
    ['words that only look like such a body', 'SELECT begin, atomic; SELECT 2', ['SELECT begin, atomic', 'SELECT 2']],
    ['a parenthesis too many', 'SELECT 1); COMMIT', ['SELECT 1)', 'COMMIT']],
    ['a quoted semicolon between parentheses', `SELECT (';'); SELECT 2`, [`SELECT (';')`, 'SELECT 2']],
  ])('cuts %s', (_, sql, statements) => {
    expect(split(sql)).toEqual(statements);
  });
});

describe('reads', () => {
  const tokens = tokenize(`SET LOCAL "role" TO 'x'`);

  it.each([
    [0, ['SET'], true], [0, ['SET', 'LOCAL'], true], [1, [['SESSION', 'LOCAL']], true], [0, [['RESET', 'SET'], ['LOCAL']], true], [0, [], true],
    [0, ['LOCAL'], false], [2, ['ROLE'], false], [2, ['role'], false], [4, ['x'], false], [4, ['X'], false], [5, ['END'], false],
    [-1, ['SET'], false],
  ])('at %s, %j: %s', (from, places, expected) => {
    expect(reads(tokens, from, ...(places as string[]))).toBe(expected);
  });
});
