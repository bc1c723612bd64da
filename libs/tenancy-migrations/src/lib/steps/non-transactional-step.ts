import type { Engine } from '../engine';
import { shorten } from '../guard/forbidden';
import { GuardedClient } from '../postgres/guarded-client';
import { bindQueryRunner } from '../postgres/bound-query-runner';
import { commit, type StepClient } from '../postgres/connection';
import { withDirectConnection } from '../postgres/direct-connection';
import { isApplied } from '../postgres/history';
import { tryLock } from '../postgres/locks';
import { enterSession, leaveSession } from '../postgres/session';
import { recordStep } from './bookkeeping';
import { sendResuming } from './concurrent-index';
import type { Attempt, AttemptResult, Once } from './attempt';

/** What tries until the step is done, given a client. */
type UntilDone = (client: StepClient, once: Once) => Promise<Exclude<AttemptResult, 'locked'>>;

/**
 * Runs a `transaction = false` step, on a direct connection that is ended afterwards: the one exception to "every setting is SET LOCAL".
 * What it did before a failure stays; its intent is in the journal first, so that the next run knows and finishes it.
 */
export async function runOutsideTransaction(engine: Engine, { target, migration }: Attempt, untilDone: UntilDone): Promise<Exclude<AttemptResult, 'locked'>> {
  const { directUrl, url, applicationName } = engine.options;
  const use = { schema: target.schema, migration: migration.name, applicationName };
  return withDirectConnection(directUrl ?? url, use, (client) => untilDone(client, attemptOutsideTransaction));
}

async function attemptOutsideTransaction(engine: Engine, client: StepClient, attempt: Attempt): Promise<AttemptResult> {
  const { target, migration } = attempt;
  await client.query(`SELECT pg_catalog.set_config('search_path', 'pg_catalog', false)`);
  if (!(await tryLock(client, target, 'session'))) {
    await client.query('SELECT pg_catalog.pg_advisory_unlock_all()');
    return 'locked';
  }
  if (await isApplied(client, target, migration.name)) return 'already applied';
  const resumed = await engine.journal.wasBegun(client, target, migration);
  await engine.journal.recordStarted(client, target, migration);
  await runInSession(engine, client, attempt, resumed);
  await client.query('BEGIN');
  await recordStep(client, engine.journal, target, migration, attempt.facts());
  await commit(client);
  return 'applied';
}

async function runInSession(engine: Engine, client: StepClient, attempt: Attempt, resumed: boolean): Promise<void> {
  const { target, migration } = attempt;
  const guarded = new GuardedClient(client, sendResuming(client, target, resumed));
  const runner = bindQueryRunner(engine.dataSources[target.track], target.schema, guarded);
  await enterSession(client, target, engine.login, 'session', engine.options.lockTimeoutMs);
  try {
    await guarded.during(() => migration.create().up(runner));
  } finally {
    attempt.statements = guarded.sent;
    attempt.statement = guarded.lastStatement && shorten(guarded.lastStatement);
    await runner.release();
    await leaveSession(client, engine.login, 'session');
  }
}
