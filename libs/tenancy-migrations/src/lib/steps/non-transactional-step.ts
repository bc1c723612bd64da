import { RefusedStatementError } from '../core/errors';
import type { Engine } from '../engine';
import { executesComputedSql, shorten } from '../guard/forbidden';
import { splitStatements } from '../guard/statements';
import { bindQueryRunner, ensureMetadataTable } from '../postgres/bound-query-runner';
import { beginBookkeeping, commit, poolOf, rollback, type StepClient } from '../postgres/connection';
import { withDirectConnection } from '../postgres/direct-connection';
import { GuardedClient, type Send } from '../postgres/guarded-client';
import { isApplied } from '../postgres/history';
import { tryLock } from '../postgres/locks';
import { LOCKED, persist, type Waiting } from '../postgres/patience';
import { enterSession, leaveSession, readStanding } from '../postgres/session';
import type { Attempt, AttemptResult } from './attempt';
import { recordStep } from './bookkeeping';
import { sendResuming, type IndexJournal } from './concurrent-index';
import { stepError } from './step-errors';

/**
 * One attempt at a `transaction = false` step, on a direct connection that is ended afterwards: the one exception to "every setting is SET
 * LOCAL". What it did before a failure stays, so its intent is in the journal first: the next run then knows, and finishes it.
 */
export async function attemptOutsideTransaction(engine: Engine, attempt: Attempt, waiting: Waiting): Promise<AttemptResult> {
  const { target, migration } = attempt;
  const { directUrl, url, applicationName } = engine.options;
  return withDirectConnection(directUrl ?? url, { schema: target.schema, migration: migration.name, applicationName }, async (client) => {
    await client.query(`SELECT pg_catalog.set_config('search_path', 'pg_catalog', false)`);
    // Ending the connection gives back what was taken of the locks.
    if (!(await tryLock(client, target, 'session'))) return LOCKED;
    if (await isApplied(client, target, migration.name)) return 'already applied';
    await engine.journal.recordStarted(poolOf(engine.dataSources.public), target, migration);
    await runInSession(engine, client, attempt);
    await persist(waiting, poolOf(engine.dataSources.public), target, () => record(engine, client, attempt));
    return 'applied';
  });
}

/** Tried again by itself, under the session's lock: the statements have run, and must not run twice. */
async function record(engine: Engine, client: StepClient, attempt: Attempt): Promise<void> {
  try {
    await beginBookkeeping(client);
    await recordStep(client, engine.journal, attempt.target, attempt.migration, attempt.facts());
    await commit(client);
  } catch (error) {
    await rollback(client);
    throw error;
  }
}

async function runInSession(engine: Engine, client: StepClient, attempt: Attempt): Promise<void> {
  const { target, migration } = attempt;
  await enterSession(client, target, engine.login, 'session', engine.options.lockTimeoutMs);
  const { user } = await readStanding(client);
  const pool = poolOf(engine.dataSources.public);
  const journal: IndexJournal = {
    started: () => engine.journal.startedStatements(pool, target, migration),
    start: (sql) => engine.journal.recordStarted(pool, target, migration, sql),
  };
  const guarded = new GuardedClient(client, checkingFirst(client, user, sendResuming(client, target, journal)));
  const runner = bindQueryRunner(engine.dataSources[target.track], target.schema, guarded);
  attempt.begin(guarded);
  await ensureMetadataTable(runner);
  try {
    await guarded.during(() => migration.create().up(runner));
    await requireSameRole(client, user, 'the end of up()');
  } catch (error) {
    // Told as the step's error here, so that nobody takes it for one that a moment mends: what ran before must not run twice unasked.
    throw stepError(error, target, { schema: target.schema, migration: migration.name, statement: attempt.statement });
  } finally {
    await runner.release();
  }
  await leaveSession(client, engine.login, 'session');
}

/** What is sent here cannot be rolled back; so before each statement the role is still the one it began with, and nothing runs that nobody has seen. */
function checkingFirst(client: StepClient, user: string, send: Send): Send {
  return async (sql, values) => {
    if (splitStatements(sql).length > 1) {
      throw new RefusedStatementError(shorten(sql), 'outside of a transaction each statement is sent, and looked at, by itself',
        'Call queryRunner.query() for each.');
    }
    if (executesComputedSql(sql)) {
      throw new RefusedStatementError(shorten(sql), 'it executes SQL that is put together at run time, and could not be rolled back',
        'Put it into a migration with a transaction.');
    }
    await requireSameRole(client, user, shorten(sql));
    return send(sql, values);
  };
}

async function requireSameRole(client: StepClient, user: string, before: string): Promise<void> {
  const standing = await readStanding(client);
  if (standing.user !== user) throw new RefusedStatementError(before, `an earlier statement went on as the role "${standing.user}"`);
}
