import { quoteIdentifier } from '../core/names';
import type { AppliedMigration } from '../core/state';
import type { Target } from '../core/targets';
import type { SqlClient } from './connection';
import { SqlState, sqlStateOf } from './sql-state';

type HistoryPlace = Pick<Target, 'schema' | 'historyTable'>;

/** The qualified name of a target's history table, quoted. */
export function historyName({ schema, historyTable }: HistoryPlace): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(historyTable)}`;
}

/**
 * Creates a target's history with TypeORM's own columns. `UNIQUE (name)` is ours: whatever else fails, a migration is recorded once.
 * A history that TypeORM made is kept and given the index.
 */
export async function createHistory(client: SqlClient, place: HistoryPlace): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${historyName(place)} (id serial PRIMARY KEY, "timestamp" bigint NOT NULL, name varchar NOT NULL)`,
  );
  await client.query(`CREATE UNIQUE INDEX IF NOT EXISTS ${quoteIdentifier(`${place.historyTable}_name_key`)} ON ${historyName(place)} (name)`);
}

/** Every row of the history, unordered; empty when there is no history table yet. Must not run inside a transaction that goes on. */
export async function readHistory(client: SqlClient, place: HistoryPlace): Promise<AppliedMigration[]> {
  try {
    const { rows } = await client.query<{ name: string; timestamp: string }>(`SELECT name, "timestamp" FROM ${historyName(place)}`);
    return rows.map(({ name, timestamp }) => ({ name, timestamp: Number(timestamp) }));
  } catch (error) {
    if (sqlStateOf(error) === SqlState.undefinedTable) return [];
    throw error;
  }
}

/** Is the migration applied? A statement of its own, after the lock: its snapshot must see what the lock's last holder committed. */
export async function isApplied(client: SqlClient, place: HistoryPlace, migration: string): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT 1 FROM ${historyName(place)} WHERE name = $1`, [migration]);
  return rowCount === 1;
}
