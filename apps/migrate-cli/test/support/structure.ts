import type { TestDatabase } from '@workspace/postgres-testing';

/** What a statement answers: one line of a description. Extensions' own objects are left out: the line of the extension stands for them. */
interface Line {
  readonly line: string;
}

const OWN = (catalog: string, oid: string): string =>
  `NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND deptype = 'e')`;

const ACL = (kind: string, acl: string, owner: string): string =>
  `(SELECT string_agg(item::text, ', ' ORDER BY item::text) FROM unnest(coalesce(${acl}, acldefault('${kind}', ${owner}))) item)`;

/** One statement a kind of object; $1 is the schema. All names are turned into their relative form afterwards. */
const LINES: readonly string[] = [
  `SELECT format('schema owner %s, privileges %s', nspowner::regrole, ${ACL('n', 'nspacl', 'nspowner')}) AS line
     FROM pg_namespace WHERE nspname = $1`,

  `SELECT format('relation %s %s owner %s, privileges %s', c.relkind, c.relname, c.relowner::regrole,
            ${ACL('r', 'c.relacl', 'c.relowner')}) AS line
     FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT format('column %s.%s %s %s%s default %s identity "%s" generated "%s" privileges %s comment %s', c.relname, a.attnum, a.attname,
            format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' not null' END, pg_get_expr(d.adbin, d.adrelid),
            a.attidentity, a.attgenerated, a.attacl, col_description(c.oid, a.attnum)) AS line
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND ${OWN('pg_class', 'c.oid')}`,

  `SELECT format('constraint %s on %s: %s%s', o.conname, c.relname, pg_get_constraintdef(o.oid), CASE WHEN NOT o.convalidated THEN ' not valid' END) AS line
     FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid WHERE c.relnamespace = $1::regnamespace`,

  `SELECT format('index %s valid %s ready %s live %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indislive) AS line
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1::regnamespace`,

  `SELECT format('type %s %s owner %s, labels %s, privileges %s', t.typtype, t.typname, t.typowner::regrole,
            (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), ${ACL('T', 't.typacl', 't.typowner')}) AS line
     FROM pg_type t WHERE t.typnamespace = $1::regnamespace AND t.typtype IN ('e', 'd', 'r') AND ${OWN('pg_type', 't.oid')}`,

  `SELECT format('routine owner %s, privileges %s: %s', p.proowner::regrole, ${ACL('f', 'p.proacl', 'p.proowner')}, pg_get_functiondef(p.oid)) AS line
     FROM pg_proc p WHERE p.pronamespace = $1::regnamespace AND p.prokind IN ('f', 'p') AND ${OWN('pg_proc', 'p.oid')}`,

  `SELECT format('trigger on %s: %s', c.relname, pg_get_triggerdef(t.oid)) AS line
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal`,

  `SELECT format('view %s: %s', viewname, definition) AS line FROM pg_views WHERE schemaname = $1`,

  `SELECT format('default privileges of %s on %s: %s', defaclrole::regrole, defaclobjtype,
            (SELECT string_agg(item::text, ', ' ORDER BY item::text) FROM unnest(defaclacl) item)) AS line
     FROM pg_default_acl WHERE defaclnamespace = $1::regnamespace`,

  `SELECT format('extension %s', extname) AS line FROM pg_extension WHERE extnamespace = $1::regnamespace`,
];

/** The registry's row of a tenant, what the journal says was applied, and the tenant's role: free of ids and times. */
const TENANT_LINES: readonly string[] = [
  `SELECT format('registry %s domain %s %s active %s, role %s, revision %s (%s), failure %s, key %s', tenant_name, domain, status, is_active, role_name,
            revision, revision_timestamp, last_error, CASE WHEN api_key IS NULL THEN 'none' ELSE 'set' END) AS line
     FROM public.tenant_registry WHERE schema_name = $1`,

  `SELECT format('role %s %s, members %s', r.rolname, to_jsonb(r) - ARRAY['oid', 'rolname'],
            (SELECT string_agg(m.member::regrole::text, ', ' ORDER BY m.member::regrole::text) FROM pg_auth_members m WHERE m.roleid = r.oid)) AS line
     FROM pg_roles r JOIN public.tenant_registry t ON t.role_name = r.rolname WHERE t.schema_name = $1`,
];

const JOURNAL_LINES: readonly string[] = [
  `SELECT format('journal %s %s applied %s times, failed %s times', track, migration, count(*) FILTER (WHERE outcome = 'applied'),
            count(*) FILTER (WHERE outcome = 'failed')) AS line
     FROM public.migration_step WHERE schema_name = $1 GROUP BY track, migration`,
];

/** A tenant as the catalogue, its history, the registry and the journal have it; two tenants with the same past have the same lines. */
export async function describeTenant(database: TestDatabase, schema: string): Promise<string[]> {
  const lines = await linesOf(database, schema, [...LINES, ...TENANT_LINES, ...JOURNAL_LINES]);
  const [tenant] = await database.query<{ role: string }>('SELECT role_name AS role FROM public.tenant_registry WHERE schema_name = $1', [schema]);
  return relative(database, [...lines, ...(await contentsOf(database, schema, ['migrations']))], [
    [schema, '<tenant>'], [tenant?.role ?? '<no role>', '<tenant role>'],
  ]);
}

/** The schemas `public` and `extensions`, with both histories, in the same manner. */
export async function describePublic(database: TestDatabase): Promise<string[]> {
  const own = await linesOf(database, 'public', [...LINES, ...JOURNAL_LINES]);
  const extensions = await linesOf(database, 'extensions', LINES);
  const contents = await contentsOf(database, 'public', ['tenancy_migrations', 'migrations']);
  return relative(database, [...own, ...extensions.map((line) => `extensions: ${line}`), ...contents], []);
}

async function linesOf(database: TestDatabase, schema: string, statements: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(statements.map((sql) => database.query<Line & Record<string, unknown>>(sql, [schema])));
  return answers.flat().map(({ line }) => line).sort();
}

/** The histories row by row in their order, and how many rows every other table of the product has. */
async function contentsOf(database: TestDatabase, schema: string, histories: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const history of histories) {
    const rows = await database.query<{ name: string; timestamp: string }>(`SELECT name, "timestamp" FROM "${schema}"."${history}" ORDER BY id`);
    lines.push(...rows.map(({ name, timestamp }) => `${history}: ${name} ${timestamp}`));
  }
  const tables = await database.query<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [schema]);
  for (const { name } of tables.filter(({ name }) => ![...histories, 'tenant_registry', 'migration_step'].includes(name))) {
    const [row] = await database.query<{ rows: string }>(`SELECT count(*) AS rows FROM "${schema}"."${name}"`);
    lines.push(`rows ${name}: ${row?.rows}`);
  }
  return lines;
}

/** Names of this database, of this tenant and of the login give way to what they are. */
async function relative(database: TestDatabase, lines: readonly string[], names: readonly (readonly [string, string])[]): Promise<string[]> {
  const [here] = await database.query<{ runtime: string; engine: string }>(
    `SELECT format('tm_%s_runtime', d.oid) AS runtime, c.relowner::regrole::text AS engine
       FROM pg_database d, pg_class c WHERE d.datname = current_database() AND c.oid = 'public.tenancy_migrations'::regclass`,
  );
  const all = [...names, [here?.runtime ?? '', '<runtime>'], [here?.engine ?? '', '<engine>']] as const;
  return lines.map((line) => all.reduce((text, [name, word]) => text.replace(new RegExp(String.raw`\b${name}\b`, 'g'), word), line));
}
