import type { Pool } from 'pg';
import type { TenantTarget } from '../core/targets';
import type { SqlClient } from './connection';

interface TouchedRelation {
  readonly oid: number;
  /** Null when the relation is not visible any more: the step dropped it. */
  readonly name: string | null;
  readonly changed: boolean;
}

/**
 * Names what a tenant's step touched outside of its schema; undefined when it kept to it.
 *
 * Every relation that a transaction reads or changes stays locked by its own backend until the end, whoever the current role was: so one read
 * of `pg_locks` before COMMIT finds what SQL assembled at run time did under a role it had escaped to, and what tenants that share one role did
 * to each other. A change is a lock in RowExclusiveLock or stronger; a read counts only in another tenant's schema, since a granted view or
 * function reads shared tables on the caller's behalf. What the public track granted to the role passes: DML, and REFERENCES (a foreign key
 * locks the table it points to in ShareRowExclusiveLock). A function or type made elsewhere holds no such lock and is not found.
 */
export async function findTrespass(client: SqlClient, target: TenantTarget, elsewhere: Pool): Promise<string | undefined> {
  const relations = await touchedOutside(client, target);
  const visible = relations.find(({ name }) => name !== null);
  if (visible) return `it ${visible.changed ? 'changed' : 'read'} ${visible.name}`;
  return relations.length === 0 ? undefined : findDropped(elsewhere, target, relations.map(({ oid }) => oid));
}

async function touchedOutside(client: SqlClient, { schema, role }: TenantTarget): Promise<TouchedRelation[]> {
  const { rows } = await client.query<TouchedRelation>(
    `SELECT DISTINCT l.relation AS oid, CASE WHEN c.oid IS NOT NULL THEN pg_catalog.format('%I.%I', n.nspname, c.relname) END AS name,
            l.mode NOT IN ('AccessShareLock', 'RowShareLock') AS changed
       FROM pg_catalog.pg_locks l
       LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
        AND (n.nspname IS NULL OR n.nspname <> $1 AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)')
        AND CASE WHEN l.mode IN ('AccessShareLock', 'RowShareLock')
              THEN EXISTS (SELECT 1 FROM public.tenant_registry r WHERE r.schema_name = n.nspname)
              ELSE n.nspname IS DISTINCT FROM 'pg_catalog' OR c.relname IN ('pg_authid', 'pg_auth_members', 'pg_database', 'pg_db_role_setting')
            END
        AND NOT coalesce(c.relowner <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $2::name) AND CASE l.mode
              WHEN 'ShareRowExclusiveLock' THEN pg_catalog.has_table_privilege($2::name, c.oid, 'REFERENCES')
              WHEN 'RowExclusiveLock' THEN c.relkind = 'i' OR CASE c.relkind
                WHEN 'S' THEN pg_catalog.has_sequence_privilege($2::name, c.oid, 'USAGE, UPDATE')
                ELSE pg_catalog.has_table_privilege($2::name, c.oid, 'INSERT, UPDATE, DELETE') END
            END, false)`,
    [schema, role],
  );
  return rows.sort((a, b) => Number(b.changed) - Number(a.changed));
}

/** The step does not see what it dropped; another connection still does. What neither sees, the step made and dropped itself. */
async function findDropped(elsewhere: Pool, { schema }: TenantTarget, oids: readonly number[]): Promise<string | undefined> {
  const { rows } = await elsewhere.query<{ name: string }>(
    `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ($1::oid[]) AND n.nspname <> $2 AND n.nspname !~ '^pg_' LIMIT 1`,
    [oids, schema],
  );
  return rows[0] && `it dropped ${rows[0].name}`;
}
