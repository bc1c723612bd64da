import { TenancyError } from './tenancy-error';

/** Where a step failed: enough to find the migration and the statement. */
export interface StepPlace {
  readonly schema: string;
  readonly migration: string;
  /** The failing statement, cut at 300 characters; parameters are never part of it. */
  readonly statement?: string | undefined;
}

/** A migration threw, or PostgreSQL refused one of its statements. The step was rolled back, unless it is `transaction = false`. */
export class MigrationFailedError extends TenancyError {
  readonly code = 'MIGRATION_FAILED';
  constructor(place: StepPlace, reason: string, readonly sqlState: string | undefined, cause: unknown, remedy?: string) {
    super(
      `Migration ${place.migration} failed on "${place.schema}"${sqlState ? ` with SQLSTATE ${sqlState}` : ''}: ${reason}`,
      remedy ?? 'Correct the migration or the data and run the same command again; what was applied before it stays.',
      { ...place, sqlState },
      cause,
    );
  }
}

/** A migration reached for something outside of its own schema. The step was rolled back. */
export class IsolationViolationError extends TenancyError {
  readonly code = 'ISOLATION_VIOLATION';
  constructor(place: StepPlace, readonly touched: string, sqlState?: string, cause?: unknown, remedy?: string) {
    super(
      `Migration ${place.migration} on "${place.schema}" was refused: ${touched}`,
      remedy ?? 'A tenant migration changes its own schema and nothing else; move the statement to the public track, or grant what tenants may do there.',
      { ...place, touched, sqlState },
      cause,
    );
  }
}

/** A migration sent a statement that would end its transaction, its role or its session. It was not sent. */
export class RefusedStatementError extends TenancyError {
  readonly code = 'STATEMENT_REFUSED';
  /** The message without the remedy. */
  readonly reason: string;

  constructor(readonly statement: string, why: string, remedy = 'Remove it: the transaction, the role and the session belong to the runner.') {
    const reason = `the statement «${statement}» was refused before it was sent: ${why}`;
    super(`T${reason.slice(1)}`, remedy, { statement });
    this.reason = reason;
  }
}

/** Who holds an advisory lock, as far as PostgreSQL tells. */
export interface LockHolder {
  readonly pid: number;
  readonly application: string | null;
  /** ISO 8601, the start of the holder's transaction or session. */
  readonly since: string | null;
}

/** Another runner worked on the target for longer than the caller was ready to wait. */
export class LockedError extends TenancyError {
  readonly code = 'LOCKED';
  constructor(schema: string, waitedMs: number, holder: LockHolder | undefined, cause?: unknown) {
    // A login that may not look at other sessions is told the pid only.
    const details = [holder?.application, holder?.since && `since ${holder.since}`].filter(Boolean).join(', ');
    const by = holder ? ` by pid ${holder.pid}${details && ` (${details})`}` : '';
    super(
      `"${schema}" is still locked${by} after ${waitedMs} ms`,
      'Let the other run finish and run again, or raise --lock-wait.',
      { schema, waitedMs, pid: holder?.pid, application: holder?.application, since: holder?.since },
      cause,
    );
  }
}

/** A pending migration is older than the target's revision, and the caller asked for strict order. */
export class OutOfOrderError extends TenancyError {
  readonly code = 'OUT_OF_ORDER';
  constructor(schema: string, migrations: readonly string[]) {
    super(
      `"${schema}" has pending migrations older than its revision: ${migrations.join(', ')}`,
      'Give them a later timestamp, or run without --strict-order.',
      { schema, migrations },
    );
  }
}

/** The caller asked to stop between two steps. */
export class StoppedError extends TenancyError {
  readonly code = 'STOPPED';
  constructor(schema: string, pending: readonly string[]) {
    super(`Stopped before ${pending.length} pending migrations of "${schema}"`, 'Run the same command again to go on.', { schema, pending });
  }
}

/** A `transaction = false` step needs a connection of its own, and only a pooler is configured. */
export class DirectConnectionRequiredError extends TenancyError {
  readonly code = 'DIRECT_CONNECTION_REQUIRED';
  constructor(schema: string, migration: string) {
    super(
      `Migration ${migration} on "${schema}" has transaction = false, and the connection goes through a pooler`,
      'Set DIRECT_DATABASE_URL (option directUrl) to the server itself.',
      { schema, migration },
    );
  }
}
