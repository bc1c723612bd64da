import type { QueryResult } from 'pg';
import { RefusedStatementError } from '../core/errors';
import type { StepClient } from '../postgres/connection';
import { findForbidden } from './forbidden';

/** Sends one query; the pg client's own `query`, or something that does more before it. */
export type Send = (sql: string, values?: unknown[]) => Promise<QueryResult>;

/**
 * The connection that a migration's QueryRunner works on. Everything that TypeORM sends passes here, whichever of its helpers sent it, so this
 * is the one place that sees every statement: armed, it refuses the forbidden ones before they leave, and counts the rest.
 */
export class GuardedClient {
  /** The statement that was sent last; the one to blame when the step fails. */
  lastStatement: string | undefined;
  /** Statements sent while armed. */
  sent = 0;
  /** The first statement that was refused; a migration that catches the error does not get away with it. */
  refusal: RefusedStatementError | undefined;
  private armed = false;

  constructor(private readonly client: StepClient, private readonly send: Send) {}

  /** Lets the migration speak; before and after, the engine does. */
  async whileArmed<T>(work: () => Promise<T>): Promise<T> {
    this.armed = true;
    try {
      return await work();
    } finally {
      this.armed = false;
    }
  }

  /** What TypeORM calls. Streams and cursors are refused: they would outlive the statement that was looked at. */
  async query(sql: unknown, values?: unknown[]): Promise<QueryResult> {
    if (typeof sql !== 'string') return this.refuse(new RefusedStatementError('(a stream)', 'only text is looked at', 'Use queryRunner.query().'));
    if (!this.armed) return this.client.query(sql, values);
    this.lastStatement = sql;
    const forbidden = findForbidden(sql);
    if (forbidden) return this.refuse(forbidden);
    this.sent++;
    return this.send(sql, values);
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
