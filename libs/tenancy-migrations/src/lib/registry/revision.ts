import type { SqlClient } from '../postgres/connection';

/** Keeps the registry's copy of a tenant's revision; an older migration, applied out of order, does not lower it. */
export async function recordRevision(
  client: SqlClient, tenantId: number, migration: { readonly name: string; readonly timestamp: number },
): Promise<void> {
  await client.query(
    `UPDATE public.tenant_registry
        SET revision = CASE WHEN coalesce(revision_timestamp, 0) < $3 THEN $2 ELSE revision END,
            revision_timestamp = GREATEST(revision_timestamp, $3), updated_at = pg_catalog.now()
      WHERE id = $1`,
    [tenantId, migration.name, migration.timestamp],
  );
}
