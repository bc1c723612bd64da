import { DatabaseAccessError, StoppedError, TenancyError } from '../core/errors';
import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Engine } from '../engine';
import { poolOf, withClient } from '../postgres/connection';
import { isApplied } from '../postgres/history';
import { persist, type PatienceListener, type Waiting } from '../postgres/patience';
import { Attempt, type AttemptResult } from './attempt';
import { attemptOutsideTransaction } from './non-transactional-step';
import { openingError, stepError } from './step-errors';
import { attemptInTransaction } from './transactional-step';

/**
 * Applies one migration to one target, waiting for its lock and retrying what a moment mends, for as long as the caller waits.
 *
 * @returns true when this call applied it, false when another run had
 * @throws StoppedError, LockedError, MigrationFailedError, IsolationViolationError, DatabaseAccessError; a failure is in the journal by then
 */
export async function applyStep(engine: Engine, target: Target, migration: KnownMigration, waiting: Waiting): Promise<boolean> {
  const attempt = new Attempt(target, migration);
  const step = { track: target.track, schema: target.schema, migration: migration.name };
  engine.events.emit({ type: 'step-started', ...step });
  const listener: PatienceListener = {
    waiting: () => engine.events.emit({ type: 'lock-waiting', track: target.track, schema: target.schema }),
    retrying: (sqlState, number, delayMs) => engine.events.emit({ type: 'step-retried', ...step, sqlState, attempt: number, delayMs }),
  };
  try {
    const result = await persist(waiting, poolOf(engine.dataSources.public), target, () => tryOnce(engine, attempt, waiting), listener);
    const { durationMs, statements, attempts } = attempt.facts();
    if (result === 'applied') engine.events.emit({ type: 'step-applied', ...step, durationMs, statements, attempts });
    else engine.events.emit({ type: 'step-skipped', ...step, reason: 'applied by another run' });
    return result === 'applied';
  } catch (cause) {
    if (await wasCommitted(engine, attempt, cause)) return true;
    throw await reportFailure(engine, attempt, cause);
  }
}

/** A connection that breaks during COMMIT leaves it open whether the step is there; the history knows. */
async function wasCommitted(engine: Engine, { target, migration }: Attempt, cause: unknown): Promise<boolean> {
  if (!(cause instanceof DatabaseAccessError)) return false;
  return withClient(poolOf(engine.dataSources.public), (client) => isApplied(client, target, migration.name)).catch(() => false);
}

async function tryOnce(engine: Engine, attempt: Attempt, waiting: Waiting): Promise<AttemptResult> {
  if (!attempt.migration.transactional) return attemptOutsideTransaction(engine, attempt, waiting);
  return withClient(poolOf(engine.dataSources[attempt.target.track]), (client) => attemptInTransaction(engine, client, attempt));
}

/** After the rollback, on another connection: the journal hears of a step whose own connection is gone, too. */
async function reportFailure(engine: Engine, attempt: Attempt, cause: unknown): Promise<TenancyError> {
  const { target, migration, statement } = attempt;
  const place = { schema: target.schema, migration: migration.name, statement };
  const error = attempt.hasBegun || cause instanceof TenancyError ? stepError(cause, target, place) : openingError(cause, target, place);
  if (error instanceof StoppedError) return error;
  const at = { track: target.track, schema: target.schema };
  engine.events.emit({ type: 'step-failed', ...at, migration: migration.name, durationMs: attempt.facts().durationMs, error });
  if (error.code === 'LOCKED') return error;
  await engine.journal
    .recordFailed(poolOf(engine.dataSources.public), target, migration, attempt.facts(), error)
    .catch((failure: unknown) => engine.events.emit({ type: 'journal-failed', ...at, error: failure }));
  return error;
}
