import type { Pool } from 'pg';
import type { LockHolder } from '../core/errors';
import { PUBLIC_TARGET, type Target } from '../core/targets';
import { queryPool, type SqlClient } from './connection';

/** What of a target its lock is made of. */
export type LockTarget = Pick<Target, 'track' | 'schema' | 'lockKey'>;

/** The first half of every two-int advisory lock of this library; the second is the target's key. ASCII "tncy". */
export const LOCK_NAMESPACE = 0x746e6379;

/** How long a lock lasts: until the transaction ends, or until the session does. */
export type LockScope = 'transaction' | 'session';

const FUNCTIONS = {
  transaction: { exclusive: 'pg_try_advisory_xact_lock', shared: 'pg_try_advisory_xact_lock_shared' },
  session: { exclusive: 'pg_try_advisory_lock', shared: 'pg_try_advisory_lock_shared' },
} as const;

/**
 * Tries once, without waiting, to lock a target. A tenant's step shares the public schema's lock and takes its own alone, so tenants never
 * wait for each other; a public step takes the public lock alone, so it never runs beside a tenant's.
 *
 * Never a blocking `pg_advisory_lock`: a session that waits inside one deadlocks with another's CREATE INDEX CONCURRENTLY.
 */
export async function tryLock(client: SqlClient, target: LockTarget, scope: LockScope): Promise<boolean> {
  const { exclusive, shared } = FUNCTIONS[scope];
  const own = `pg_catalog.${exclusive}(${LOCK_NAMESPACE}, ${target.lockKey})`;
  const sql = target.track === 'public'
    ? `SELECT ${own} AS locked`
    : `SELECT CASE WHEN pg_catalog.${shared}(${LOCK_NAMESPACE}, ${PUBLIC_TARGET.lockKey}) THEN ${own} ELSE false END AS locked`;
  const { rows } = await client.query<{ locked: boolean }>(sql);
  return rows[0]?.locked === true;
}

/** Who is in the way: the holder of the target's own lock, or of the public schema's. */
export async function lockHolder(pool: Pool, target: LockTarget): Promise<LockHolder | undefined> {
  const { rows } = await queryPool<LockHolder>(
    pool,
    `SELECT a.pid, a.application_name AS application,
            pg_catalog.to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
       FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.pid <> pg_catalog.pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND l.classid::bigint = $1 AND l.objid::bigint IN ($2, $3)
      ORDER BY l.objid::bigint = $2 DESC, l.mode = 'ExclusiveLock' DESC LIMIT 1`,
    [LOCK_NAMESPACE, target.lockKey, PUBLIC_TARGET.lockKey],
  );
  return rows[0];
}
