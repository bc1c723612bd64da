import { randomBytes } from 'node:crypto';
import type { QueryResult } from 'pg';
import type { KnownMigration } from '../core/migrations';
import type { SchemaName } from '../core/names';
import type { Plan } from '../core/plan';
import { PUBLIC_TARGET, tenantTarget, type Target } from '../core/targets';
import { prepare } from '../bootstrap/public-schema';
import type { Engine } from '../engine';
import { shorten } from '../guard/forbidden';
import { GuardedClient, type Send } from '../postgres/guarded-client';
import { reads, splitStatements } from '../guard/statements';
import { bindQueryRunner } from '../postgres/bound-query-runner';
import { beginBookkeeping, poolOf, rollback, withClient, type StepClient } from '../postgres/connection';
import { createTenantSchema } from '../provisioning/tenant-schema';
import { runMigration } from '../steps/run-migration';
import { stepError } from '../steps/step-errors';

/** A step of a plan and the statements that it sends. */
export interface RecordedStep {
  readonly migration: string;
  readonly transactional: boolean;
  readonly sql: readonly string[];
}

/**
 * Records the SQL of a tenant's plan on a scratch schema, brought to the tenant's revision first, in one transaction that is rolled back:
 * no tenant is touched, and a kill leaves nothing behind. A statement that is CONCURRENTLY is listed so and run without.
 *
 * @throws MigrationFailedError or IsolationViolationError when a migration does not run on the scratch schema
 */
export async function recordTenantPlan(engine: Engine, plan: Plan, applied: readonly KnownMigration[]): Promise<RecordedStep[]> {
  const token = `tm_scratch_${randomBytes(6).toString('hex')}`;
  const { isolation } = engine.options;
  const role = isolation === 'role-per-tenant' ? token : isolation.sharedRole;
  const scratch = tenantTarget({ id: 0, schema: token as SchemaName, role });
  const scene: Scene = { target: scratch, shownAs: plan.target.schema, tidy: (text) => text.replaceAll(token, plan.target.schema) };
  return inDiscardedTransaction(engine, async (client) => {
    await createTenantSchema(engine, client, scratch);
    for (const migration of applied) await record(engine, client, scene, migration);
    return recordAll(engine, client, scene, plan.steps);
  });
}

/**
 * Records the SQL of the public track's plans in `public` itself, in one transaction that is rolled back; it holds the locks of its statements
 * meanwhile, and gives up on one that it does not get within `lockTimeoutMs`.
 */
export async function recordPublicPlans(engine: Engine, plans: readonly Plan[], preparing: boolean): Promise<RecordedStep[]> {
  return inDiscardedTransaction(engine, async (client) => {
    const preparation = preparing ? await recordPreparation(engine, client) : undefined;
    const scene: Scene = { target: PUBLIC_TARGET, shownAs: PUBLIC_TARGET.schema, tidy: (text) => text };
    const steps = await recordAll(engine, client, scene, plans.flatMap(({ steps }) => steps));
    return preparation && preparation.sql.length > 0 ? [preparation, ...steps] : steps;
  });
}

async function recordPreparation(engine: Engine, client: StepClient): Promise<RecordedStep> {
  const sql: string[] = [];
  const query = ((statement: string, values?: unknown[]) => {
    if (!isLookup(statement)) sql.push(statement);
    return client.query(statement, values);
  }) as StepClient['query'];
  await prepare({ query }, engine);
  return { migration: '(preparation of the database)', transactional: true, sql };
}

/** Where a recording takes place, and how that is told. */
interface Scene {
  readonly target: Target;
  readonly shownAs: string;
  readonly tidy: (text: string) => string;
}

async function inDiscardedTransaction<T>(engine: Engine, work: (client: StepClient) => Promise<T>): Promise<T> {
  return withClient(poolOf(engine.dataSources.public), async (client) => {
    await beginBookkeeping(client);
    const result = await work(client);
    await rollback(client);
    return result;
  });
}

async function recordAll(engine: Engine, client: StepClient, scene: Scene, steps: readonly KnownMigration[]): Promise<RecordedStep[]> {
  const recorded: RecordedStep[] = [];
  for (const migration of steps) recorded.push(await record(engine, client, scene, migration));
  return recorded;
}

async function record(engine: Engine, client: StepClient, { target, shownAs, tidy }: Scene, migration: KnownMigration): Promise<RecordedStep> {
  const sql: string[] = [];
  const send: Send = async (statement, values) => {
    if (!isLookup(statement)) sql.push(tidy(statement));
    return isOnlyListed(statement, target) ? NOTHING : client.query(withoutConcurrently(statement), values);
  };
  const guarded = new GuardedClient(client, send);
  const runner = bindQueryRunner(engine.dataSources[target.track], target.schema, guarded);
  // TypeORM must believe in a transaction, or the migration's own nesting would begin one; this one is ours, and open.
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  try {
    await runMigration(engine, { client, guarded, runner }, target, migration);
    return { migration: migration.name, transactional: migration.transactional, sql };
  } catch (error) {
    const statement = guarded.lastStatement && tidy(shorten(guarded.lastStatement));
    throw stepError(error, target, { schema: shownAs, migration: migration.name, statement }, tidy);
  } finally {
    await runner.release();
  }
}

/** TypeORM's helpers read the catalog before they act; what they read is no part of what would be done. */
function isLookup(sql: string): boolean {
  return /^\s*SELECT\b/i.test(sql) && /\b(information_schema|pg_catalog|pg_class|pg_type|pg_constraint|current_schema|current_database)\b/i.test(sql);
}

const NOTHING: QueryResult = { command: '', rowCount: 0, oid: 0, rows: [], fields: [] };

/** What does not run in a transaction is listed and not run; but for an index on a scratch schema, which is built the ordinary way. */
function isOnlyListed(sql: string, { track }: Target): boolean {
  const tokens = splitStatements(sql)[0]?.tokens ?? [];
  if (reads(tokens, 0, ['VACUUM', 'REINDEX', 'CLUSTER'])) return true;
  const concurrently = tokens.some(({ kind, text }) => kind === 'word' && text === 'CONCURRENTLY');
  return concurrently && (track === 'public' || !reads(tokens, 0, ['CREATE', 'DROP']));
}

/** On a scratch schema nobody else is there to be spared, and CONCURRENTLY does not run in a transaction. */
function withoutConcurrently(sql: string): string {
  const word = splitStatements(sql)[0]?.tokens.slice(0, 4).find(({ kind, text }) => kind === 'word' && text === 'CONCURRENTLY');
  return word ? sql.slice(0, word.start) + sql.slice(word.end) : sql;
}
