import { hostname, userInfo } from 'node:os';
import type { TenancyError } from '../core/errors';
import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Pool } from 'pg';
import { queryPool, withTransaction, type SqlClient } from '../postgres/connection';

/** What one step came to. */
export interface StepFacts {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly statements: number;
  readonly attempts: number;
}

/** A row of the journal. */
interface Entry {
  readonly target: Target;
  readonly migration: KnownMigration;
  readonly outcome: 'started' | 'applied' | 'failed';
  readonly facts: StepFacts;
  readonly error?: TenancyError;
  readonly statement?: string | undefined;
  readonly actor: string;
  readonly host: string;
  readonly pid: number;
}

/** The step journal, `public.migration_step`: who ran what on which target, from where, when, how long, and how it ended. */
export class StepJournal {
  private readonly who: Pick<Entry, 'actor' | 'host' | 'pid'>;

  /** @param actor who is said to have run it; default the operating system's user */
  constructor(actor: string = userInfo().username) {
    this.who = { actor, host: hostname(), pid: process.pid };
  }

  /** Writes that a step was applied; in the step's own transaction, so that both are there or neither is. */
  async recordApplied(client: SqlClient, target: Target, migration: KnownMigration, facts: StepFacts): Promise<void> {
    if (target.journaled) await insert(client, { ...this.who, target, migration, facts, outcome: 'applied' });
  }

  /** Writes that a step failed; after its rollback, in a transaction of its own. */
  async recordFailed(pool: Pool, target: Target, migration: KnownMigration, facts: StepFacts, error: TenancyError): Promise<void> {
    if (target.journaled) await withTransaction(pool, (client) => insert(client, { ...this.who, target, migration, facts, outcome: 'failed', error }));
  }

  /**
   * Writes, before a `transaction = false` step does it, what it is about to do: to run at all, or to send a statement that may go on without us.
   *
   * @param statement as it is sent, for {@link startedStatements}
   */
  async recordStarted(pool: Pool, target: Target, migration: KnownMigration, statement?: string): Promise<void> {
    const facts = { startedAt: new Date(), durationMs: 0, statements: 0, attempts: 1 };
    await withTransaction(pool, (client) => insert(client, { ...this.who, target, migration, facts, outcome: 'started', statement }));
  }

  /** The statements that runs of this step have sent, or were about to, since it was last applied: what stands of them may be their work. */
  async startedStatements(pool: Pool, target: Target, migration: KnownMigration): Promise<string[]> {
    const { rows } = await queryPool<{ statement: string }>(
      pool,
      `SELECT statement FROM public.migration_step s
        WHERE track = $1 AND tenant_id IS NOT DISTINCT FROM $2 AND migration = $3 AND outcome = 'started' AND statement IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM public.migration_step later WHERE later.track = s.track AND later.migration = s.migration
                             AND later.tenant_id IS NOT DISTINCT FROM s.tenant_id AND later.outcome = 'applied' AND later.id > s.id)`,
      [target.track, tenantIdOf(target), migration.name],
    );
    return rows.map(({ statement }) => statement);
  }
}

async function insert(client: SqlClient, { target, migration, outcome, facts, error, statement, actor, host, pid }: Entry): Promise<void> {
  await client.query(
    `INSERT INTO public.migration_step (track, schema_name, tenant_id, migration, transactional, outcome, started_at, duration_ms, statements,
                                        attempts, error_code, sql_state, error_message, statement, actor, host, pid)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      target.track, target.schema, tenantIdOf(target), migration.name, migration.transactional, outcome,
      facts.startedAt, Math.round(facts.durationMs), facts.statements, facts.attempts,
      error?.code ?? null, error?.fields['sqlState'] ?? null, error?.message ?? null, statement ?? null, actor, host, pid,
    ],
  );
}

function tenantIdOf(target: Target): number | null {
  return target.track === 'tenant' ? target.tenantId : null;
}
