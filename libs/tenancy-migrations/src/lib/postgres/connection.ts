import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import type { DatabaseAccessError } from '../core/errors';
import { accessError, connectionLost, poolExhausted, privilegeMissing } from './access-errors';
import { driverErrorOf, SqlState, sqlStateOf } from './sql-state';

/** Anything that runs one statement and answers rows: a client of a pool, or a connection of its own. */
export type SqlClient = Pick<PoolClient, 'query'>;

/** A connection that a step has to itself: of a pool, or opened for it. */
export interface StepClient extends SqlClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** The node-postgres pool inside a DataSource; the engine's own statements use it too, so that each track has one pool in all. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/**
 * Lends a client for the length of `work`. After a failure it is rolled back and not given back to the pool: nobody knows what was left in its
 * session, and connecting again costs milliseconds.
 *
 * @throws DatabaseAccessError when the server cannot be reached, refuses the login, or goes away meanwhile
 */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw isExhausted(pool, error) ? poolExhausted(pool.options.max, error) : connectionLost(error);
  });
  let broken: Error | undefined;
  const noteBreak = (error: Error): void => void (broken = error);
  client.on('error', noteBreak);
  try {
    return await work(client);
  } catch (error) {
    const alive = await rollback(client);
    broken ??= error as Error;
    throw alive ? error : connectionLost(error);
  } finally {
    client.removeListener('error', noteBreak);
    client.release(broken);
  }
}

/** All connections of the pool are at work, and none came free in time: pg gives up without a code. */
function isExhausted(pool: Pool, error: unknown): boolean {
  return pool.totalCount >= pool.options.max && pool.idleCount === 0 && sqlStateOf(error) === undefined && driverErrorOf(error)?.code === undefined;
}

/** Rolls back whatever is open. False when the connection does not answer any more. */
export async function rollback(client: SqlClient): Promise<boolean> {
  return client.query('ROLLBACK').then(() => true, () => false);
}

/**
 * Runs `work` in a transaction with `search_path = pg_catalog`, so that neither a poisoned session nor an object of a tenant can catch a name.
 * Names inside must be qualified.
 */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client) => {
    await beginBookkeeping(client);
    const result = await work(client);
    await commit(client);
    return result;
  });
}

/** Opens a transaction of the engine's own; it waits for a row or a table half a second at a time. */
export async function beginBookkeeping(client: SqlClient): Promise<void> {
  await client.query('BEGIN');
  await enterBookkeeping(client);
}

/** The settings of the engine's own statements in the open transaction. Their names are qualified, all of them. */
export async function enterBookkeeping(client: SqlClient): Promise<void> {
  await client.query(`SELECT pg_catalog.set_config('search_path', 'pg_catalog', true), pg_catalog.set_config('lock_timeout', '500ms', true)`);
}

/**
 * Runs one statement of the engine's own, names qualified, on any connection of the pool.
 *
 * @throws DatabaseAccessError when the server cannot be used, or the login may not use the library's tables
 */
export async function queryPool<Row extends QueryResultRow>(pool: Pool, sql: string, values: unknown[] = []): Promise<QueryResult<Row>> {
  return withClient(pool, (client) => client.query<Row>(sql, values)).catch((error: unknown) => {
    throw accessError(error) ?? tablesOfAnother(error) ?? error;
  });
}

function tablesOfAnother(error: unknown): DatabaseAccessError | undefined {
  if (sqlStateOf(error) !== SqlState.insufficientPrivilege) return undefined;
  const what = `The login may not use what another login made (${driverErrorOf(error)?.message ?? ''})`;
  return privilegeMissing(what, 'Connect as the login that ran init-public, or make this one a member of it.', error);
}

/** Commits, and believes only the command tag: the COMMIT of an aborted transaction succeeds and says `ROLLBACK`. */
export async function commit(client: SqlClient): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new TransactionLostError(command);
}

/** A transaction ended in another way than by our COMMIT. Internal: callers turn it into the error of the step. */
export class TransactionLostError extends Error {
  readonly code = 'TRANSACTION_LOST';
  constructor(tag: string) {
    super(`the transaction was already lost (${tag}): a statement failed, and the migration went on`);
    this.name = 'TransactionLostError';
  }
}
