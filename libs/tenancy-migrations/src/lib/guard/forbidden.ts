import { RefusedStatementError } from '../core/errors';
import { tokenize, type Token } from './lexer';
import { reads, splitStatements, type Statement } from './statements';

const TRANSACTION = 'it controls the transaction that the step and its history row share';
const ROLE = 'it changes the role that the migration runs as';
const STRINGS = 'with standard_conforming_strings off, statements would end elsewhere than they are read to end';
const STRINGS_SETTING = 'STANDARD_CONFORMING_STRINGS';
const SESSION = 'it discards state of the session';

/**
 * Finds what a migration must not send: transaction control, changes of role or session authorization, DISCARD; in every statement of the
 * string, in DO blocks, in the bodies of routines, and in the literals that those execute. Savepoints pass: TypeORM nests with them.
 *
 * SQL assembled at run time cannot be read here; what it touches is found before COMMIT, in {@link file://../postgres/footprint.ts}.
 */
export function findForbidden(sql: string): RefusedStatementError | undefined {
  for (const statement of splitStatements(sql)) {
    const why = reasonToRefuse(statement);
    if (why !== undefined) return new RefusedStatementError(shorten(statement.text), why);
  }
  return undefined;
}

/** Does a DO block execute what is put together at run time? Nobody can read that before it is sent. */
export function executesComputedSql(sql: string): boolean {
  return splitStatements(sql).some(({ tokens }) =>
    reads(tokens, 0, 'DO') && tokens.some(({ kind, text }) => kind === 'string' && tokenize(text).some((_, at, body) => reads(body, at, 'EXECUTE'))));
}

/** Statements in errors are cut at 300 characters. */
export function shorten(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function reasonToRefuse({ tokens }: Statement): string | undefined {
  return directReason(tokens) ?? bodyReason(tokens);
}

function directReason(tokens: readonly Token[]): string | undefined {
  if (controlsTransaction(tokens)) return TRANSACTION;
  if (changesRole(tokens, 0) || callsSetConfig(tokens)) return ROLE;
  if (changesStrings(tokens) || reads(tokens, tokens.findIndex(({ text, kind }) => kind === 'word' && text === 'UESCAPE'), 'UESCAPE')) return STRINGS;
  return reads(tokens, 0, 'DISCARD') ? SESSION : undefined;
}

function controlsTransaction(tokens: readonly Token[]): boolean {
  if (reads(tokens, 0, 'ROLLBACK')) return !isRollbackToSavepoint(tokens);
  return reads(tokens, 0, ['BEGIN', 'COMMIT', 'END', 'ABORT']) || reads(tokens, 0, ['START', 'PREPARE'], 'TRANSACTION');
}

function isRollbackToSavepoint(tokens: readonly Token[]): boolean {
  return reads(tokens, 1, 'TO') || reads(tokens, 1, ['WORK', 'TRANSACTION'], 'TO');
}

/** `SET [SESSION | LOCAL] ROLE`, `SET [SESSION | LOCAL] SESSION AUTHORIZATION`, their RESET, and the same by the setting's name. */
function changesRole(tokens: readonly Token[], at: number): boolean {
  if (!reads(tokens, at, ['SET', 'RESET'])) return false;
  return [at + 1, at + 2].some(
    (next) => (next === at + 1 || reads(tokens, at + 1, ['SESSION', 'LOCAL'])) && namesRole(tokens, next),
  );
}

function namesRole(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind === 'quoted') return ['role', 'session_authorization'].includes(token.text.toLowerCase());
  return reads(tokens, at, ['ROLE', 'SESSION_AUTHORIZATION']) || reads(tokens, at, 'SESSION', 'AUTHORIZATION');
}

/** `set_config('role', ...)` anywhere in a statement, and one whose setting is computed: nobody can tell which that is. */
function callsSetConfig(tokens: readonly Token[]): boolean {
  return setConfigCalls(tokens).some(([setting, comma]) =>
    setting?.kind !== 'string' || comma?.text !== ',' || ['role', 'session_authorization'].includes(setting.text.trim().toLowerCase()));
}

/** Any other value than on, by SET, RESET or set_config; dumps write `SET standard_conforming_strings = on`. */
function changesStrings(tokens: readonly Token[]): boolean {
  const at = reads(tokens, 1, ['SESSION', 'LOCAL']) ? 2 : 1;
  if (reads(tokens, 0, ['SET', 'RESET']) && tokens[at]?.text.toUpperCase() === STRINGS_SETTING) return !isOn(tokens[at + 2]);
  return setConfigCalls(tokens).some(([setting, , value]) => setting?.text.trim().toUpperCase() === STRINGS_SETTING && !isOn(value));
}

function isOn(value: Token | undefined): boolean {
  return ['ON', 'TRUE', 'YES', '1'].includes(value?.text.toUpperCase() ?? '');
}

/** What follows each `set_config(`. */
function setConfigCalls(tokens: readonly Token[]): readonly (readonly Token[])[] {
  return tokens.flatMap(({ kind, text }, at) => (kind !== 'string' && text.toUpperCase() === 'SET_CONFIG' && tokens[at + 1]?.text === '(' ? [tokens.slice(at + 2)] : []));
}

/** DO blocks run at once; routines run later, but a body that changes the role has no honest use either. */
function bodyReason(tokens: readonly Token[]): string | undefined {
  const runsNow = reads(tokens, 0, 'DO');
  if (!runsNow && !definesRoutine(tokens)) return undefined;
  if (!runsNow && optionsOf(tokens).some((_, at) => changesRole(tokens, at))) return ROLE;
  for (const body of tokens.filter(({ kind }) => kind === 'string')) {
    const why = reasonInBody(tokenize(body.text), runsNow);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** What stands before a routine's body, if the body is not a string: `SET role = ...` there holds for every call. */
function optionsOf(tokens: readonly Token[]): readonly Token[] {
  const body = tokens.findIndex((_, at) => reads(tokens, at, 'BEGIN', 'ATOMIC'));
  return body < 0 ? tokens : tokens.slice(0, body);
}

function definesRoutine(tokens: readonly Token[]): boolean {
  return reads(tokens, 0, ['CREATE', 'ALTER']) && tokens.slice(1, 4).some(({ text }) => ['FUNCTION', 'PROCEDURE', 'ROUTINE'].includes(text));
}

function reasonInBody(body: readonly Token[], runsNow: boolean): string | undefined {
  let executes = false;
  for (const [at, token] of body.entries()) {
    if (startsStatement(body, at)) executes = reads(body, at, 'EXECUTE');
    if (token.kind === 'string') {
      // What EXECUTE would run. Transaction control cannot be executed so (0A000); other literals are prose.
      if (executes && splitStatements(token.text).some(({ tokens }) => directReason(tokens) === ROLE)) return ROLE;
    } else if (startsStatement(body, at)) {
      if (changesRole(body, at)) return ROLE;
      if (runsNow && endsTransactionInBody(body, at)) return TRANSACTION;
    }
  }
  return callsSetConfig(body) ? ROLE : undefined;
}

function startsStatement(body: readonly Token[], at: number): boolean {
  const before = body[at - 1];
  return before === undefined || before.text === ';' || ['BEGIN', 'THEN', 'ELSE', 'LOOP'].includes(before.text);
}

/** In PL/pgSQL a bare BEGIN opens a block; only COMMIT and ROLLBACK end the transaction. */
function endsTransactionInBody(body: readonly Token[], at: number): boolean {
  return reads(body, at, ['COMMIT', 'ROLLBACK']) && (body[at + 1] === undefined || body[at + 1]?.text === ';' || reads(body, at + 1, 'AND'));
}
