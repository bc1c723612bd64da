import { EXTENSIONS_SCHEMA, quoteIdentifier } from '../core/names';
import type { Target } from '../core/targets';
import { enterBookkeeping, type SqlClient } from './connection';
import type { Login } from './login';

/** How long a session's settings last; a `transaction = false` step has no transaction to tie them to. */
export type SessionScope = 'transaction' | 'session';

/**
 * Binds a connection to a target: search path, lock timeout, and for a tenant the role that its migrations run as.
 *
 * A superuser takes the role by SESSION AUTHORIZATION, which `RESET ROLE` does not escape; any other login may only SET ROLE.
 * The settings go in one message, the role last.
 */
export async function enterSession(client: SqlClient, target: Target, login: Login, scope: SessionScope, lockTimeoutMs: number): Promise<void> {
  const local = scope === 'transaction';
  const path = `${quoteIdentifier(target.schema)}, ${quoteIdentifier(EXTENSIONS_SCHEMA)}`;
  await client.query(
    `SELECT pg_catalog.set_config('search_path', $1, $3), pg_catalog.set_config('lock_timeout', $2, $3),
            pg_catalog.set_config('standard_conforming_strings', 'on', $3)`,
    [path, `${lockTimeoutMs}ms`, local],
  );
  if (target.track === 'tenant') await client.query(`SET ${local ? 'LOCAL' : 'SESSION'} ${roleSetting(login)} ${quoteIdentifier(target.role)}`);
}

/**
 * Gives the connection back to the engine: its own role, its settings, and nothing left of what the migration may have set or made temporarily.
 * Inside the step's transaction, before its bookkeeping.
 */
export async function leaveSession(client: SqlClient, login: Login, scope: SessionScope): Promise<void> {
  await client.query(`RESET ${roleSetting(login)}`);
  await client.query('RESET ALL');
  for (const leftover of ['DISCARD TEMP', 'DEALLOCATE ALL', 'CLOSE ALL', 'UNLISTEN *']) await client.query(leftover);
  // A session-scoped step keeps its lock until its history row is there; the connection then ends, and every lock with it.
  if (scope === 'session') return;
  await client.query('SELECT pg_catalog.pg_advisory_unlock_all()');
  await enterBookkeeping(client);
}

function roleSetting(login: Login): 'SESSION AUTHORIZATION' | 'ROLE' {
  return login.isSuperuser ? 'SESSION AUTHORIZATION' : 'ROLE';
}

/** Where a transaction stands: enough to tell, after a migration, whether it is still the one that was begun, in the same role. */
export interface Standing {
  readonly user: string;
  readonly startedAt: string;
}

/** Reads the standing of the open transaction, under the migration's search path: whatever is not qualified may be its own. */
export async function readStanding(client: SqlClient): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `SELECT current_user::pg_catalog.text AS user, pg_catalog.date_part('epoch', pg_catalog.now())::pg_catalog.text AS "startedAt"`,
  );
  return rows[0] as Standing;
}
