import type { Pool } from 'pg';
import type { SqlClient } from './connection';

/** Is a table the same within an open transaction and outside of it? Rows do not count, nor the triggers of foreign keys that point to it. */
export async function isUnchanged(oid: number, inside: SqlClient, outside: Pool): Promise<boolean> {
  return (await structureOf(inside, oid)) === (await structureOf(outside, oid));
}

/** A catalogue row's `xmin` is its version: whoever changes the row sees another one than those outside. */
async function structureOf(client: SqlClient | Pool, oid: number): Promise<string | undefined> {
  const { rows } = await (client as SqlClient).query<{ structure: string }>(
    `SELECT pg_catalog.concat_ws(' ', c.relname, c.relnamespace, c.relowner, c.relfilenode, c.relnatts, c.relchecks, c.relrowsecurity,
              c.relforcerowsecurity, c.relpersistence, c.relreplident, c.relacl, c.reloptions,
              ARRAY(SELECT a.xmin::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid ORDER BY a.attnum),
              ARRAY(SELECT k.xmin::text FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid ORDER BY k.oid),
              ARRAY(SELECT i.xmin::text FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid ORDER BY i.indexrelid),
              ARRAY(SELECT p.xmin::text FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid ORDER BY p.oid),
              ARRAY(SELECT r.xmin::text FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid ORDER BY r.oid)) AS structure
       FROM pg_catalog.pg_class c WHERE c.oid = $1`,
    [oid],
  );
  return rows[0]?.structure;
}
