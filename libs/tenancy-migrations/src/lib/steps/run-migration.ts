import type { QueryRunner } from 'typeorm';
import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Engine } from '../engine';
import { ensureMetadataTable } from '../postgres/bound-query-runner';
import type { StepClient } from '../postgres/connection';
import type { GuardedClient } from '../postgres/guarded-client';
import { enterSession, leaveSession, readStanding, type Standing } from '../postgres/session';

/** Who speaks with whom while a migration runs: the bare connection is the engine's, the guarded one the migration's. */
export interface Speakers {
  readonly client: StepClient;
  readonly guarded: GuardedClient;
  readonly runner: QueryRunner;
}

/**
 * Runs a migration in the open transaction, as the target's role, and gives the session back to the engine.
 *
 * @returns how the transaction stood before it and after; who commits must compare them
 */
export async function runMigration(
  engine: Engine, { client, guarded, runner }: Speakers, target: Target, migration: KnownMigration,
): Promise<{ readonly before: Standing; readonly after: Standing }> {
  await enterSession(client, target, engine.login, 'transaction', engine.options.lockTimeoutMs);
  await ensureMetadataTable(runner);
  const before = await readStanding(client);
  await guarded.during(() => migration.create().up(runner));
  // What waits for COMMIT (deferred constraints, their triggers) runs now, while the role is still the tenant's.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  const after = await readStanding(client);
  await leaveSession(client, engine.login, 'transaction');
  return { before, after };
}
