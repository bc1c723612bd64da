import { byTimestamp, type KnownMigration } from './migrations';
import type { Track } from './targets';

/** A row of a target's history. */
export interface AppliedMigration {
  readonly name: string;
  readonly timestamp: number;
}

/** What the code knows, held against what a target's history says. */
export interface TargetState {
  readonly target: { readonly track: Track; readonly schema: string };
  /** In the history, oldest first. */
  readonly applied: readonly AppliedMigration[];
  /** Known in code but not applied, oldest first. */
  readonly pending: readonly KnownMigration[];
  /** Applied but unknown in code. Never blocks, and is always said. */
  readonly missing: readonly string[];
  /** Pending but older than the revision. */
  readonly outOfOrder: readonly string[];
  /** The applied migration with the greatest timestamp. */
  readonly revision: string | null;
  /** The track's last known migration. */
  readonly head: string | null;
}

/** Compares a track with the history of one of its targets. */
export function compare(
  target: TargetState['target'],
  known: readonly KnownMigration[],
  history: readonly AppliedMigration[],
): TargetState {
  const applied = [...history].sort(byTimestamp);
  const appliedNames = new Set(applied.map(({ name }) => name));
  const knownNames = new Set(known.map(({ name }) => name));
  const revision = applied.at(-1);
  const pending = known.filter(({ name }) => !appliedNames.has(name));
  return {
    target,
    applied,
    pending,
    missing: applied.filter(({ name }) => !knownNames.has(name)).map(({ name }) => name),
    outOfOrder: pending.filter(({ timestamp }) => revision !== undefined && timestamp < revision.timestamp).map(({ name }) => name),
    revision: revision?.name ?? null,
    head: known.at(-1)?.name ?? null,
  };
}
