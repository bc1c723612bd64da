import { ENGINE_TARGET, PUBLIC_TARGET, tenantHistory, type Track } from '../core/targets';
import { planUpgrade, type Plan, type PlanOptions } from '../core/plan';
import type { SchemaName } from '../core/names';
import type { TargetState } from '../core/state';
import type { Engine } from '../engine';
import { readState } from '../runner';
import { recordPublicPlans, recordTenantPlan, type RecordedStep } from './recording';

/** What would run, and nothing else: the answer to `--dry-run`. */
export interface DryRun {
  readonly dryRun: true;
  readonly track: Track;
  readonly schema: string;
  readonly steps: readonly (Omit<RecordedStep, 'sql'> & Partial<Pick<RecordedStep, 'sql'>>)[];
  readonly warnings: readonly string[];
}

/** How a dry run is made. */
export interface DryRunOptions extends PlanOptions {
  /** Record each step's SQL, in a transaction that is rolled back. Default false: the plan alone, and no lock is taken. */
  readonly sql?: boolean | undefined;
}

/** Plans the public track, the library's own tables first; `preparing` the database before them, or not. */
export async function dryRunPublic(engine: Engine, options: DryRunOptions & { readonly preparing: boolean }): Promise<DryRun> {
  const own = planUpgrade(await readState(engine, ENGINE_TARGET), options);
  const product = planUpgrade(await readState(engine, PUBLIC_TARGET), options);
  return answer([own, product], options.sql ? await recordPublicPlans(engine, [own, product], options.preparing) : undefined);
}

/** Plans a tenant's schema, registered or not. */
export async function dryRunTenant(engine: Engine, schema: SchemaName, options: DryRunOptions): Promise<DryRun> {
  const state = await readState(engine, tenantHistory(schema, false));
  const plan = planUpgrade(state, options);
  return answer([plan], options.sql ? await recordTenantPlan(engine, plan, appliedAndKnown(engine, schema, state)) : undefined);
}

function appliedAndKnown(engine: Engine, schema: SchemaName, state: TargetState): ReturnType<Engine['knownFor']> {
  const applied = new Set(state.applied.map(({ name }) => name));
  return engine.knownFor(tenantHistory(schema, false)).filter(({ name }) => applied.has(name));
}

function answer(plans: readonly [Plan, ...Plan[]], recorded: readonly RecordedStep[] | undefined): DryRun {
  const planned = plans.flatMap(({ steps }) => steps).map(({ name, transactional }) => ({ migration: name, transactional }));
  return {
    dryRun: true, track: plans[0].target.track, schema: plans[0].target.schema,
    steps: recorded ?? planned, warnings: plans.flatMap(({ warnings }) => warnings),
  };
}
