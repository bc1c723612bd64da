import type { Pool } from 'pg';
import type { TenantTarget } from '../core/targets';
import type { SqlClient } from './connection';
import { isUnchanged } from './structure';

interface TouchedRelation {
  readonly oid: number;
  /** Null when the relation is not visible any more: the step dropped it. */
  readonly name: string | null;
  readonly deed: 'changed' | 'read' | 'locked';
}

/**
 * Says what a tenant's step touched outside of its schema; undefined when it kept to it. Its history is not its own.
 *
 * Every relation that a transaction reads or changes stays locked by its own backend until the end, whoever the current role was: so one read
 * of `pg_locks` before COMMIT finds what SQL assembled at run time did under a role it had escaped to, and what tenants that share one role did
 * to each other. A change is a lock in RowExclusiveLock or stronger; a read counts only in another tenant's schema, since a granted view or
 * function reads shared tables on the caller's behalf. A function or type made elsewhere holds no such lock and is not found.
 *
 * What the public track granted to the role passes: DML; and with REFERENCES a foreign key, which locks the table it points to in
 * ShareRowExclusiveLock when it is made, and in AccessExclusiveLock when it is dropped: there the table's structure must be as others see it.
 *
 * @param elsewhere connections that do not see what the step did
 */
export async function findTrespass(client: SqlClient, target: TenantTarget, elsewhere: Pool): Promise<string | undefined> {
  const relations = await touchedOutside(client, target);
  if (relations.length === 0) return undefined;
  const deeds: string[] = [];
  for (const { oid, name, deed } of relations) {
    if (name === null) deeds.push(...(await droppedOutside(elsewhere, target, oid)));
    else if (deed !== 'locked') deeds.push(`${deed} ${name}`);
    else if (!(await isUnchanged(oid, client, elsewhere))) deeds.push(`changed ${name}`);
  }
  return deeds.length === 0 ? undefined : `it ${[...new Set(deeds)].join(', ')}`;
}

/** Each lock of the open transaction, judged from the top: the first line that fits decides; NULL is nothing to tell. */
async function touchedOutside(client: SqlClient, { schema, role }: TenantTarget): Promise<TouchedRelation[]> {
  const { rows } = await client.query<TouchedRelation>(
    `WITH held AS (
       SELECT l.relation AS oid, l.mode, l.mode IN ('AccessShareLock', 'RowShareLock') AS reads, role.oid AS role,
              n.nspname AS schema, c.relname AS name, c.relkind AS kind, n.nspname = $1 AS is_home, c.relowner = role.oid AS is_own,
              pg_catalog.has_table_privilege(role.oid, c.oid, 'REFERENCES') AS may_refer
         FROM pg_catalog.pg_locks l
         JOIN pg_catalog.pg_roles role ON role.rolname = $2::name
         LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
          AND (n.nspname IS NULL OR n.nspname !~ '^pg_(toast|temp_|toast_temp_)')
     ), judged AS (
       SELECT oid, CASE WHEN name IS NOT NULL THEN pg_catalog.format('%I.%I', schema, name) END AS name, CASE
                WHEN is_home AND (reads OR is_own) THEN NULL
                WHEN reads THEN CASE WHEN EXISTS (SELECT 1 FROM public.tenant_registry r WHERE r.schema_name = schema) THEN 'read' END
                WHEN schema = 'pg_catalog' AND name NOT IN ('pg_authid', 'pg_auth_members', 'pg_database', 'pg_db_role_setting') THEN NULL
                WHEN is_own THEN 'changed'
                WHEN mode = 'ShareRowExclusiveLock' AND may_refer THEN NULL
                WHEN mode = 'AccessExclusiveLock' AND may_refer THEN 'locked'
                WHEN mode <> 'RowExclusiveLock' THEN 'changed'
                WHEN kind = 'i' THEN NULL
                WHEN kind = 'S' AND pg_catalog.has_sequence_privilege(role, oid, 'USAGE, UPDATE') THEN NULL
                WHEN kind <> 'S' AND pg_catalog.has_table_privilege(role, oid, 'INSERT, UPDATE, DELETE') THEN NULL
                ELSE 'changed' END AS deed
         FROM held
     )
     SELECT DISTINCT oid, name, deed FROM judged WHERE deed IS NOT NULL ORDER BY deed, name`,
    [schema, role],
  );
  return rows;
}

/** The step does not see what it dropped; another connection still does. What neither sees, the step made and dropped itself. */
async function droppedOutside(elsewhere: Pool, { schema }: TenantTarget, oid: number): Promise<string[]> {
  const { rows } = await elsewhere.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = $1 AND n.nspname <> $2 AND n.nspname !~ '^pg_' AND c.relkind <> 'i'`,
    [oid, schema],
  );
  return rows.map(({ name }) => `dropped ${name}`);
}
