import type { QueryResult } from 'pg';
import { RefusedStatementError } from '../core/errors';
import { quoteIdentifier } from '../core/names';
import type { Target } from '../core/targets';
import { shorten } from '../guard/forbidden';
import type { Send } from '../postgres/guarded-client';
import { reads, splitStatements } from '../guard/statements';
import type { Token } from '../guard/lexer';
import type { SqlClient } from '../postgres/connection';

interface IndexStatement {
  readonly action: 'create' | 'drop';
  readonly index: string;
  /** IF NOT EXISTS, IF EXISTS. */
  readonly lenient: boolean;
}

/** What the journal knows of a step's index statements. */
export interface IndexJournal {
  /** Those that earlier runs of the step were about to send. */
  started(): Promise<readonly string[]>;
  /** Notes that one is about to be sent. */
  start(sql: string): Promise<void>;
}

/**
 * Sends the statements of a `transaction = false` step, and knows what a run that was cut off may have left: CREATE INDEX CONCURRENTLY goes
 * on in the backend of a killed client, to a valid index, or leaves an INVALID one. What the very same statement made is kept when it is valid;
 * what is INVALID and of the name that this step gives is dropped and built again; an index that is gone need not be dropped again.
 * An index that no journaled statement made is somebody else's, and PostgreSQL says so (42P07).
 */
export function sendResuming(client: SqlClient, target: Target, journal: IndexJournal): Send {
  return async (sql, values) => {
    const statement = readIndexStatement(sql);
    if (statement === undefined) return client.query(sql, values);
    const state = await indexState(client, target.schema, statement.index);
    const started = await journal.started();
    if (started.includes(sql) && state === (statement.action === 'create' ? 'valid' : 'absent')) return nothing(statement);
    const isRemains = state === 'invalid' && statement.action === 'create' && (statement.lenient || namesIndex(started, statement.index));
    if (isRemains || state === 'absent' || statement.action === 'drop') await journal.start(sql);
    return withoutLockTimeout(client, async () => {
      if (isRemains) await dropIndex(client, target, statement.index);
      return client.query(sql, values);
    });
  };
}

function namesIndex(statements: readonly string[], index: string): boolean {
  return statements.some((sql) => readIndexStatement(sql)?.index === index);
}

/**
 * Reads CREATE [UNIQUE] INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY; undefined for anything else.
 *
 * @throws RefusedStatementError for an index without a name: after a kill nobody could tell whose it is
 */
export function readIndexStatement(sql: string): IndexStatement | undefined {
  const tokens = splitStatements(sql)[0]?.tokens ?? [];
  const action = reads(tokens, 0, 'CREATE') ? 'create' : 'drop';
  const at = reads(tokens, 1, 'UNIQUE') ? 2 : 1;
  if (!reads(tokens, 0, ['CREATE', 'DROP']) || !reads(tokens, at, 'INDEX', 'CONCURRENTLY')) return undefined;
  const lenient = reads(tokens, at + 2, 'IF');
  const name = lenient ? at + (action === 'create' ? 5 : 4) : at + 2;
  if (reads(tokens, name, 'ON')) {
    throw new RefusedStatementError(shorten(sql), 'an index built CONCURRENTLY must have a name', 'Name the index, so that a run after a kill finds it.');
  }
  return { action, index: identifier(tokens, name), lenient };
}

function identifier(tokens: readonly Token[], at: number): string {
  const qualified = tokens[at + 1]?.text === '.' ? tokens[at + 2] : tokens[at];
  return qualified?.kind === 'word' ? qualified.text.toLowerCase() : (qualified?.text ?? '');
}

type IndexState = 'valid' | 'invalid' | 'absent';

async function indexState(client: SqlClient, schema: string, index: string): Promise<IndexState> {
  const { rows } = await client.query<{ valid: boolean }>(
    `SELECT i.indisvalid AS valid FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, index],
  );
  if (rows[0] === undefined) return 'absent';
  return rows[0].valid ? 'valid' : 'invalid';
}

async function dropIndex(client: SqlClient, { schema }: Target, index: string): Promise<void> {
  await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${quoteIdentifier(schema)}.${quoteIdentifier(index)}`);
}

/** CONCURRENTLY waits for transactions that are older than it, and queues nobody behind it while it does. */
async function withoutLockTimeout<T>(client: SqlClient, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.query<{ before: string }>(`SELECT pg_catalog.current_setting('lock_timeout') AS before`);
  await client.query(`SET lock_timeout = 0`);
  try {
    return await work();
  } finally {
    await client.query(`SELECT pg_catalog.set_config('lock_timeout', $1, false)`, [rows[0]?.before ?? '0']);
  }
}

function nothing({ action }: IndexStatement): QueryResult {
  return { command: action.toUpperCase(), rowCount: 0, oid: 0, rows: [], fields: [] };
}
