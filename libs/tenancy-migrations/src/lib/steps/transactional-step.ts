import type { QueryRunner } from 'typeorm';
import { IsolationViolationError } from '../core/errors';
import type { Engine } from '../engine';
import { bindQueryRunner, ensureMetadataTable } from '../postgres/bound-query-runner';
import { commit, enterBookkeeping, poolOf, rollback, type StepClient } from '../postgres/connection';
import { findTrespass } from '../postgres/footprint';
import { GuardedClient } from '../postgres/guarded-client';
import { isApplied } from '../postgres/history';
import { tryLock } from '../postgres/locks';
import { giveUp } from '../postgres/patience';
import { enterSession, leaveSession, readStanding } from '../postgres/session';
import type { Attempt, AttemptResult } from './attempt';
import { recordStep } from './bookkeeping';

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
    await runInSession(engine, client, guarded, runner, attempt);
    await recordStep(client, engine.journal, target, migration, attempt.facts());
    guarded.requireInnocence();
    await commit(client);
    return 'applied';
  } finally {
    await runner.release();
  }
}

async function runInSession(engine: Engine, client: StepClient, guarded: GuardedClient, runner: QueryRunner, attempt: Attempt): Promise<void> {
  const { target, migration } = attempt;
  await enterSession(client, target, engine.login, 'transaction', engine.options.lockTimeoutMs);
  await ensureMetadataTable(runner);
  const before = await readStanding(client);
  await guarded.during(() => migration.create().up(runner));
  // What waits for COMMIT (deferred constraints, their triggers) runs now, while the role is still the tenant's.
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  const after = await readStanding(client);
  await leaveSession(client, engine.login, 'transaction');
  const place = { schema: target.schema, migration: migration.name };
  if (after.startedAt !== before.startedAt) throw new IsolationViolationError(place, 'it ended the transaction it was given');
  if (after.user !== before.user) throw new IsolationViolationError(place, `it went on as the role "${after.user}"`);
  if (target.track === 'public') return;
  const trespass = await findTrespass(client, target, poolOf(engine.dataSources.public));
  if (trespass !== undefined) throw new IsolationViolationError(place, trespass);
}
