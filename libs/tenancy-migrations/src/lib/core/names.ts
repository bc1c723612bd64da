import { InvalidNameError } from './errors';

declare const parsed: unique symbol;

/** The name of a tenant's schema that has passed {@link parseSchemaName}. Nothing else reaches SQL as an identifier of a tenant. */
export type SchemaName = string & { readonly [parsed]: 'SchemaName' };

const PATTERN = /^[a-z][a-z0-9_]{0,62}$/;
const RESERVED = new Set(['public', 'information_schema', 'extensions']);
const RESERVED_PREFIX = /^(pg_|tm_|archived_)/;

/** The schema that holds every extension; on each session's search path after the target's own schema. */
export const EXTENSIONS_SCHEMA = 'extensions';

/**
 * Parses the name of a tenant's schema, once, at the edge.
 *
 * PostgreSQL cuts identifiers silently at 63 bytes, so a longer name could be another tenant's; the pattern admits ASCII only,
 * where bytes and characters agree.
 *
 * @throws InvalidNameError for anything but `^[a-z][a-z0-9_]{0,62}$`, and for `public`, `information_schema`, `extensions`, `pg_*`, `tm_*`
 * and `archived_*`, which belong to PostgreSQL or to this library.
 */
export function parseSchemaName(text: unknown): SchemaName {
  if (typeof text !== 'string' || !PATTERN.test(text)) throw new InvalidNameError(text, 'it does not match ^[a-z][a-z0-9_]{0,62}$');
  if (RESERVED.has(text) || RESERVED_PREFIX.test(text)) throw new InvalidNameError(text, 'it is reserved');
  return text as SchemaName;
}

/** Quotes an identifier for SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
