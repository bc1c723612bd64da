import type { TestDatabase } from '@workspace/postgres-testing';

/** All that a migration could change and a failed one must not: structure, owners, privileges, roles and rows, of every schema. */
export interface World {
  readonly structure: readonly string[];
  readonly rows: Readonly<Record<string, unknown>>;
}

const OURS = `n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'extensions')`;

const STRUCTURE = `
  SELECT pg_catalog.format('schema %I, owner %s, acl %s', n.nspname, n.nspowner::regrole, n.nspacl) AS line FROM pg_namespace n WHERE ${OURS}
  UNION ALL
  SELECT pg_catalog.format('relation %s %I.%I, owner %s, acl %s, columns %s, triggers %s, constraints %s',
    c.relkind, n.nspname, c.relname, c.relowner::regrole, c.relacl,
    (SELECT string_agg(attname || ' ' || atttypid::regtype || ' ' || attnotnull || coalesce(attacl::text, ''), ', ' ORDER BY attnum)
       FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
    (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid),
    (SELECT string_agg(conname, ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid AND contype <> 'n'))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}
  UNION ALL
  SELECT pg_catalog.format('routine %I.%I, owner %s', n.nspname, p.proname, p.proowner::regrole)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS}
  UNION ALL
  SELECT pg_catalog.format('type %I.%I, owner %s', n.nspname, t.typname, t.typowner::regrole)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OURS}
  UNION ALL
  SELECT pg_catalog.format('role %I, %s %s %s', rolname, rolsuper, rolcreaterole, rolcanlogin) FROM pg_roles
   WHERE rolname LIKE 'tm\\_' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '\\_%'
  UNION ALL
  SELECT pg_catalog.format('setting of %s: %s', setrole::regrole, setconfig) FROM pg_db_role_setting
   WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY line`;

/** The journal is left out: that a step failed is written there on purpose. */
const TABLES = `
  SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND ${OURS} AND c.relname <> 'migration_step' ORDER BY name`;

/** Reads the world as the superuser. */
export async function readWorld(database: TestDatabase): Promise<World> {
  const structure = await database.query<{ line: string }>(STRUCTURE);
  const tables = await database.query<{ name: string }>(TABLES);
  const contents = tables.map(({ name }) => `SELECT '${name}' AS name, jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text) AS rows FROM ${name} t`);
  const rows = await database.query<{ name: string; rows: unknown }>(contents.join(' UNION ALL '));
  return { structure: structure.map(({ line }) => line), rows: Object.fromEntries(rows.map(({ name, rows: content }) => [name, content])) };
}
