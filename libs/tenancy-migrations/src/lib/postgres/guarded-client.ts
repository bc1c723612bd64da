import type { QueryResult } from 'pg';
import { RefusedStatementError } from '../core/errors';
import type { StepClient } from './connection';
import { findForbidden, shorten } from '../guard/forbidden';

/** Sends one query; the pg client's own `query`, or something that does more before it. */
export type Send = (sql: string, values?: unknown[]) => Promise<QueryResult>;

/** Who may speak on the connection: TypeORM on the engine's behalf, the migration, and after it nobody. */
type Phase = 'opening' | 'migration' | 'over';

/**
 * The connection that a migration's QueryRunner works on. Everything that TypeORM sends passes here, whichever of its helpers sent it, so this
 * is the one place that sees every statement: it refuses the forbidden ones before they leave, and all that come after `up()` has returned,
 * when the session is the engine's again. What was refused is kept: a migration that catches the error does not get away with it.
 */
export class GuardedClient {
  /** The statement that was sent last; the one to blame when the step fails. */
  lastStatement: string | undefined;
  /** Statements that the migration has sent. */
  sent = 0;
  private phase: Phase = 'opening';
  private inFlight = 0;
  private refusal: RefusedStatementError | undefined;

  constructor(private readonly client: StepClient, private readonly send: Send) {}

  /** Has the migration had the word? */
  get hasSpoken(): boolean {
    return this.phase !== 'opening';
  }

  /** Lets the migration speak while `up` runs; afterwards the connection is closed to it. */
  async during(up: () => Promise<unknown>): Promise<void> {
    this.phase = 'migration';
    try {
      await up();
    } finally {
      this.phase = 'over';
    }
    if (this.inFlight > 0) this.refusal ??= unawaited(this.lastStatement ?? '');
    this.requireInnocence();
  }

  /** @throws RefusedStatementError the first that was refused so far */
  requireInnocence(): void {
    if (this.refusal) throw this.refusal;
  }

  /** What TypeORM calls. Throws at once, not by a promise that somebody may forget. */
  query(sql: unknown, values?: unknown[]): Promise<QueryResult> {
    // A stream would outlive the statement that was looked at.
    if (typeof sql !== 'string') return this.refuse(new RefusedStatementError('(a stream)', 'only text is looked at', 'Use queryRunner.query().'));
    if (this.phase === 'opening') return this.client.query(sql, values);
    const forbidden = this.phase === 'over' ? unawaited(sql) : findForbidden(sql);
    if (forbidden) return this.refuse(forbidden);
    this.lastStatement = sql;
    this.sent++;
    this.inFlight++;
    return this.send(sql, values).finally(() => this.inFlight--);
  }

  /** Keeps a refusal in mind and throws it. */
  refuse(refusal: RefusedStatementError): never {
    this.refusal ??= refusal;
    throw refusal;
  }

  on(event: 'error', listener: (error: Error) => void): this {
    this.client.on(event, listener);
    return this;
  }

  removeListener(event: 'error', listener: (error: Error) => void): this {
    this.client.removeListener(event, listener);
    return this;
  }
}

function unawaited(sql: string): RefusedStatementError {
  return new RefusedStatementError(shorten(sql), 'up() had returned without waiting for it', 'Put an await before every call that sends SQL.');
}
