import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import { historyName } from '../postgres/history';
import type { SqlClient } from '../postgres/connection';
import { recordRevision } from '../registry/revision';
import type { StepFacts, StepJournal } from './journal';

/** What is written with every applied step, in one transaction: the history row, the journal's, and the tenant's cached revision. */
export async function recordStep(
  client: SqlClient, journal: StepJournal, target: Target, migration: KnownMigration, facts: StepFacts,
): Promise<void> {
  await client.query(`INSERT INTO ${historyName(target)} ("timestamp", name) VALUES ($1, $2)`, [migration.timestamp, migration.name]);
  await journal.recordApplied(client, target, migration, facts);
  if (target.track === 'tenant') await recordRevision(client, target.tenantId, migration);
}
