import type { Pool } from 'pg';
import { DuplicateHistoryError, SchemaMissingError } from '../core/errors';
import { quoteIdentifier } from '../core/names';
import type { AppliedMigration } from '../core/state';
import type { HistoryPlace } from '../core/targets';
import { queryPool, type SqlClient } from './connection';
import { SqlState, sqlStateOf } from './sql-state';

/** The qualified name of a target's history table, quoted. */
export function historyName({ schema, historyTable }: Pick<HistoryPlace, 'schema' | 'historyTable'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(historyTable)}`;
}

/**
 * Creates a target's history with TypeORM's own columns. `UNIQUE (name)` is ours: whatever else fails, a migration is recorded once.
 * A history that TypeORM made is kept and given the index.
 */
export async function createHistory(client: SqlClient, place: HistoryPlace): Promise<void> {
  const index = quoteIdentifier(`${place.historyTable}_name_key`);
  const { rows } = await client.query<{ table: boolean; index: boolean }>(
    'SELECT pg_catalog.to_regclass($1) IS NOT NULL AS "table", pg_catalog.to_regclass($2) IS NOT NULL AS index',
    [historyName(place), `${quoteIdentifier(place.schema)}.${index}`],
  );
  if (!rows[0]?.table) await client.query(`CREATE TABLE ${historyName(place)} (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`);
  if (rows[0]?.index) return;
  await client.query(`CREATE UNIQUE INDEX ${index} ON ${historyName(place)} (name)`).catch((error: unknown) => {
    throw sqlStateOf(error) === SqlState.uniqueViolation ? new DuplicateHistoryError(historyName(place), error) : error;
  });
}

/** Every row of the history, unordered; empty when there is no history table yet. @throws SchemaMissingError when there must be one */
export async function readHistory(pool: Pool, place: HistoryPlace): Promise<AppliedMigration[]> {
  try {
    const { rows } = await queryPool<{ name: string; timestamp: string }>(pool, `SELECT name, "timestamp" FROM ${historyName(place)}`);
    return rows.map(({ name, timestamp }) => ({ name, timestamp: Number(timestamp) }));
  } catch (error) {
    if (sqlStateOf(error) === SqlState.undefinedTable && place.hasHistory) throw new SchemaMissingError(place.schema);
    if (sqlStateOf(error) === SqlState.undefinedTable) return [];
    throw error;
  }
}

/** Is the migration applied? A statement of its own, after the lock: its snapshot must see what the lock's last holder committed. */
export async function isApplied(client: SqlClient, place: HistoryPlace, migration: string): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM ${historyName(place)} WHERE name = $1`, [migration]);
  return rowCount === 1;
}
