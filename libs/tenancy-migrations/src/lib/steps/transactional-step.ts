import { IsolationViolationError } from '../core/errors';
import type { Engine } from '../engine';
import { bindQueryRunner } from '../postgres/bound-query-runner';
import { commit, enterBookkeeping, poolOf, rollback, type StepClient } from '../postgres/connection';
import { findTrespass } from '../postgres/footprint';
import { GuardedClient } from '../postgres/guarded-client';
import { isApplied } from '../postgres/history';
import { tryLock } from '../postgres/locks';
import { giveUp } from '../postgres/patience';
import type { Attempt, AttemptResult } from './attempt';
import { recordStep } from './bookkeeping';
import { runMigration, type Speakers } from './run-migration';

/**
 * One attempt at a step, in one transaction: lock, look again, run as the target's role, check what it touched, record, commit.
 * Whatever is killed whenever, the step and its history row are both there or neither is.
 */
export async function attemptInTransaction(engine: Engine, client: StepClient, attempt: Attempt): Promise<AttemptResult> {
  const { target, migration } = attempt;
  const guarded = new GuardedClient(client, (sql, values) => client.query(sql, values));
  const runner = bindQueryRunner(engine.dataSources[target.track], target.schema, guarded);
  try {
    // Not a raw BEGIN: TypeORM must know, or the first manager.save() of the migration commits the step.
    await runner.startTransaction();
    await enterBookkeeping(client);
    if (!(await tryLock(client, target, 'transaction'))) return await giveUp(client);
    if (await isApplied(client, target, migration.name)) {
      await rollback(client);
      return 'already applied';
    }
    attempt.begin(guarded);
    await runInSession(engine, { client, guarded, runner }, attempt);
    await recordStep(client, engine.journal, target, migration, attempt.facts());
    guarded.requireInnocence();
    await commit(client);
    return 'applied';
  } finally {
    await runner.release();
  }
}

async function runInSession(engine: Engine, speakers: Speakers, { target, migration }: Attempt): Promise<void> {
  const { before, after } = await runMigration(engine, speakers, target, migration);
  const place = { schema: target.schema, migration: migration.name };
  if (after.startedAt !== before.startedAt) throw new IsolationViolationError(place, 'it ended the transaction it was given');
  if (after.user !== before.user) throw new IsolationViolationError(place, `it went on as the role "${after.user}"`);
  if (target.track === 'public') return;
  const trespass = await findTrespass(speakers.client, target, poolOf(engine.dataSources.public));
  if (trespass !== undefined) throw new IsolationViolationError(place, trespass);
}
