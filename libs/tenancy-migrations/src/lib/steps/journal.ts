import { hostname, userInfo } from 'node:os';
import type { TenancyError } from '../core/errors';
import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Pool } from 'pg';
import { withTransaction, type SqlClient } from '../postgres/connection';
import { SqlState } from '../postgres/sql-state';

/** What one step came to. */
export interface StepFacts {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly statements: number;
  readonly attempts: number;
}

type Outcome = 'started' | 'applied' | 'failed';

/** The step journal, `public.migration_step`: who ran what on which target, from where, when, how long, and how it ended. */
export class StepJournal {
  private readonly who: readonly [actor: string, host: string, pid: number];

  /** @param actor who is said to have run it; default the operating system's user */
  constructor(actor: string = userInfo().username) {
    this.who = [actor, hostname(), process.pid];
  }

  /** Writes that a step was applied; in the step's own transaction, so that both are there or neither is. */
  async recordApplied(client: SqlClient, target: Target, migration: KnownMigration, facts: StepFacts): Promise<void> {
    if (target.journaled) await this.insert(client, target, migration, 'applied', facts);
  }

  /** Writes that a step failed; after its rollback, in a transaction of its own. */
  async recordFailed(pool: Pool, target: Target, migration: KnownMigration, facts: StepFacts, error: TenancyError): Promise<void> {
    if (target.journaled) await withTransaction(pool, (client) => this.insert(client, target, migration, 'failed', facts, error));
  }

  /** Writes, before the first statement of a `transaction = false` step, that it is about to run. */
  async recordStarted(client: SqlClient, target: Target, migration: KnownMigration): Promise<void> {
    await this.insert(client, target, migration, 'started', { startedAt: new Date(), durationMs: 0, statements: 0, attempts: 1 });
  }

  /** Did an earlier run begin this step, outside of a transaction, and not finish it? Then what it already did may still be there. */
  async wasBegun(client: SqlClient, target: Target, migration: KnownMigration): Promise<boolean> {
    const { rows } = await client.query<{ outcome: Outcome; sqlState: string | null }>(
      `SELECT outcome, sql_state AS "sqlState" FROM public.migration_step
        WHERE track = $1 AND tenant_id IS NOT DISTINCT FROM $2 AND migration = $3 AND NOT transactional
        ORDER BY id DESC LIMIT 1`,
      [target.track, tenantIdOf(target), migration.name],
    );
    const last = rows[0];
    // What failed since the name was taken has made nothing, and the next run must not take it for its own.
    return last !== undefined && last.outcome !== 'applied' && last.sqlState !== SqlState.duplicateTable;
  }

  private async insert(
    client: SqlClient, target: Target, migration: KnownMigration, outcome: Outcome, facts: StepFacts, error?: TenancyError,
  ): Promise<void> {
    await client.query(
      `INSERT INTO public.migration_step (track, schema_name, tenant_id, migration, transactional, outcome, started_at, duration_ms, statements,
                                          attempts, error_code, sql_state, error_message, actor, host, pid)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        target.track, target.schema, tenantIdOf(target), migration.name, migration.transactional, outcome,
        facts.startedAt, Math.round(facts.durationMs), facts.statements, facts.attempts,
        error?.code ?? null, error?.fields['sqlState'] ?? null, error?.message ?? null, ...this.who,
      ],
    );
  }
}

function tenantIdOf(target: Target): number | null {
  return target.track === 'tenant' ? target.tenantId : null;
}
