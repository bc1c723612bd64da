import { setTimeout as sleep } from 'node:timers/promises';
import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Engine } from '../engine';
import { connectionLost } from '../postgres/access-errors';
import { poolOf, rollback, withClient, type StepClient } from '../postgres/connection';
import { Patience, type Waiting } from '../postgres/locks';
import { isTransient, sqlStateOf } from '../postgres/sql-state';
import { Attempt, type AttemptResult, type Once } from './attempt';
import { runOutsideTransaction } from './non-transactional-step';
import { stepError } from './step-errors';
import { attemptInTransaction } from './transactional-step';

/**
 * Applies one migration to one target, waiting for its lock and retrying what a moment's patience mends, for as long as the caller waits.
 *
 * @returns true when this call applied it, false when another run had
 * @throws LockedError, MigrationFailedError, IsolationViolationError, DatabaseAccessError; the failure is in the journal by then
 */
export async function applyStep(engine: Engine, target: Target, migration: KnownMigration, waiting: Waiting): Promise<boolean> {
  const attempt = new Attempt(target, migration, new Patience(waiting));
  const step = { track: target.track, schema: target.schema, migration: migration.name };
  engine.events.emit({ type: 'step-started', ...step });
  const result = migration.transactional
    ? await withClient(poolOf(engine.dataSources[target.track]), (client) => untilDone(engine, client, attempt, attemptInTransaction))
    : await runOutsideTransaction(engine, attempt, (client, once) => untilDone(engine, client, attempt, once));
  if (result === 'applied') engine.events.emit({ type: 'step-applied', ...step, ...attempt.facts() });
  else engine.events.emit({ type: 'step-skipped', ...step, reason: 'applied by another run' });
  return result === 'applied';
}

/** Tries until it is applied, by us or by another, or patience is over. Between tries no transaction is open. */
async function untilDone(engine: Engine, client: StepClient, attempt: Attempt, once: Once): Promise<Exclude<AttemptResult, 'locked'>> {
  for (;;) {
    const result = await once(engine, client, attempt).catch((error: unknown) => afterFailure(engine, client, attempt, error));
    if (result === 'applied' || result === 'already applied') return result;
    if (result === 'locked') await afterLocked(engine, client, attempt);
    attempt.attempts++;
  }
}

async function afterLocked({ events }: Engine, client: StepClient, { target, patience, attempts }: Attempt): Promise<void> {
  if (attempts === 1) events.emit({ type: 'lock-waiting', track: target.track, schema: target.schema });
  await patience.waitForLock(client, target);
}

async function afterFailure(engine: Engine, client: StepClient, attempt: Attempt, error: unknown): Promise<'retry'> {
  const { target, migration, patience } = attempt;
  const alive = await rollback(client);
  if (alive && migration.transactional && isTransient(error) && !patience.isOver()) {
    const delayMs = patience.nextDelayMs();
    const step = { track: target.track, schema: target.schema, migration: migration.name };
    engine.events.emit({ type: 'step-retried', ...step, sqlState: sqlStateOf(error) ?? '', attempt: attempt.attempts, delayMs });
    await sleep(delayMs);
    return 'retry';
  }
  if (!alive) throw connectionLost(error);
  throw await journalFailure(engine, client, attempt, error);
}

async function journalFailure(engine: Engine, client: StepClient, attempt: Attempt, cause: unknown): Promise<unknown> {
  const { target, migration, statement } = attempt;
  const error = stepError(cause, target, { schema: target.schema, migration: migration.name, statement });
  const place = { track: target.track, schema: target.schema };
  engine.events.emit({ type: 'step-failed', ...place, migration: migration.name, durationMs: attempt.facts().durationMs, error });
  await engine.journal
    .recordFailed(client, target, migration, attempt.facts(), error)
    .catch((failure: unknown) => engine.events.emit({ type: 'journal-failed', ...place, error: failure }));
  return error;
}
