import type { Pool, PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { connectionLost } from './access-errors';

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
 * Lends a client for the length of `work`. After a failure it is rolled back; a connection that does not answer the ROLLBACK is not given back.
 *
 * @throws DatabaseAccessError when the server cannot be reached, refuses the login, or goes away meanwhile
 */
export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw connectionLost(error);
  });
  let broken: Error | undefined;
  const noteBreak = (error: Error): void => void (broken = error);
  client.on('error', noteBreak);
  try {
    return await work(client);
  } catch (error) {
    if (await rollback(client)) throw error;
    broken ??= error as Error;
    throw connectionLost(error);
  } finally {
    client.removeListener('error', noteBreak);
    client.release(broken);
  }
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

/** Opens a transaction of the engine's own. */
export async function beginBookkeeping(client: SqlClient): Promise<void> {
  await client.query('BEGIN');
  await client.query('SET LOCAL search_path = pg_catalog');
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
