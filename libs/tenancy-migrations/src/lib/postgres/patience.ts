import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { LockedError, StoppedError } from '../core/errors';
import { beginBookkeeping, commit, rollback, withClient, type SqlClient } from './connection';
import { lockHolder, tryLock, type LockTarget } from './locks';
import { isTransient, sqlStateOf } from './sql-state';

/** How long a caller is ready to wait for another runner. */
export interface Waiting {
  /** Milliseconds to wait for another runner's lock, and to retry what a moment mends, per step. Default 30 000. */
  readonly lockWaitMs?: number | undefined;
  /** Stops between two steps, and ends the waiting for a lock. */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_LOCK_WAIT_MS = 30_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** What an attempt answers when another runner holds the lock. */
export const LOCKED = Symbol('locked');

/** Who wants to know why it takes longer. */
export interface PatienceListener {
  waiting?(): void;
  retrying?(sqlState: string, attempt: number, delayMs: number): void;
}

/**
 * Attempts until it is done, for as long as the caller waits: while another runner holds the target's lock, and after failures that a moment
 * mends (a lock timeout, a deadlock, a serialization failure). Between attempts nothing is held, neither a transaction nor a connection: a
 * waiting tenant takes nothing away from another.
 *
 * @param pool for asking who is in the way
 * @throws LockedError naming the holder when patience is over, StoppedError when the signal comes first, and whatever an attempt throws
 */
export async function persist<T>(
  { lockWaitMs = DEFAULT_LOCK_WAIT_MS, signal }: Waiting, pool: Pool, target: LockTarget, attempt: () => Promise<T | typeof LOCKED>, listener: PatienceListener = {},
): Promise<T> {
  const startedAt = Date.now();
  for (let attempts = 1; ; attempts++) {
    const result = await attempt().catch((error: unknown) => new Setback(error));
    if (!(result instanceof Setback) && result !== LOCKED) return result;
    const waitedMs = Date.now() - startedAt;
    const reason = result instanceof Setback ? result.reason : undefined;
    if (reason !== undefined && !isTransient(reason)) throw reason;
    if (signal?.aborted) throw new StoppedError(target.schema, []);
    if (waitedMs >= lockWaitMs) throw reason ?? (await lockedError(pool, target, waitedMs));
    const delayMs = pauseMs(attempts);
    if (reason !== undefined) listener.retrying?.(sqlStateOf(reason) ?? '', attempts, delayMs);
    else if (attempts === 1) listener.waiting?.();
    await sleep(delayMs);
  }
}

/**
 * Runs `work` in a transaction of the engine's own that holds the target's lock.
 *
 * @throws LockedError when another runner, or an application with a row of ours, does not let go of it
 */
export async function inLockedTransaction<T>(pool: Pool, target: LockTarget, waiting: Waiting, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  return persist(waiting, pool, target, () => withClient(pool, async (client) => {
    await beginBookkeeping(client);
    if (!(await tryLock(client, target, 'transaction'))) return giveUp(client);
    const result = await work(client);
    await commit(client);
    return result;
  })).catch((error: unknown) => {
    throw isTransient(error) ? new LockedError(target.schema, Date.now() - startedAt, undefined, error) : error;
  });
}

async function lockedError(pool: Pool, target: LockTarget, waitedMs: number): Promise<LockedError> {
  return new LockedError(target.schema, waitedMs, await lockHolder(pool, target));
}

/** Ends an attempt whose lock is not to be had. */
export async function giveUp(client: SqlClient): Promise<typeof LOCKED> {
  await rollback(client);
  return LOCKED;
}

/** An attempt that threw. */
class Setback {
  readonly reason: Error;
  constructor(thrown: unknown) {
    this.reason = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** Doubling, with jitter so that many runners do not march in step. */
function pauseMs(attempts: number): number {
  return Math.round(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2));
}
