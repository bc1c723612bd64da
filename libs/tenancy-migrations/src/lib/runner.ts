import { LockedError, OutOfOrderError, StoppedError, TenancyError } from './core/errors';
import { planUpgrade, type Plan, type PlanOptions } from './core/plan';
import type { TargetReport } from './core/report';
import { compare, type TargetState } from './core/state';
import type { HistoryPlace, Target } from './core/targets';
import type { Engine } from './engine';
import { poolOf } from './postgres/connection';
import { readHistory } from './postgres/history';
import type { Waiting } from './postgres/patience';
import { applyStep } from './steps/step-runner';

/** How a run behaves. */
export interface RunOptions extends PlanOptions, Waiting {}

/** Reads how a target stands: what the code knows, against its history. */
export async function readState(engine: Engine, target: HistoryPlace): Promise<TargetState> {
  const history = await readHistory(poolOf(engine.dataSources.public), target);
  return compare({ track: target.track, schema: target.schema }, engine.knownFor(target), history);
}

/** Brings a target to the head of its track. A step that fails ends the run of this target, and is data in its report. */
export async function bringToHead(engine: Engine, target: Target, run: RunOptions = {}): Promise<TargetReport> {
  const started = performance.now();
  const plan = planUpgrade(await readState(engine, target), run);
  const at = { track: target.track, schema: target.schema };
  engine.events.emit({ type: 'plan', ...at, pending: plan.steps.map(({ name }) => name), warnings: plan.warnings });
  const applied: string[] = [];
  const error = await runPlan(engine, target, plan, run, applied);
  return {
    ...at,
    ...(await readRevision(engine, target)),
    applied,
    warnings: plan.warnings,
    durationMs: Math.round(performance.now() - started),
    ...(error && { error }),
  };
}

/**
 * The report of a run that waited in vain before its first step, or after its last: data as any other failure on the way.
 *
 * @throws error when it is of another kind
 */
export function cutShort({ target, pending, revision }: TargetState, error: unknown): TargetReport {
  const reason = error instanceof StoppedError ? new StoppedError(target.schema, pending.map(({ name }) => name)) : error;
  if (!(reason instanceof StoppedError || reason instanceof LockedError || reason instanceof OutOfOrderError)) throw error;
  return { ...target, revision, applied: [], warnings: [], durationMs: 0, error: reason };
}

async function runPlan(engine: Engine, target: Target, plan: Plan, run: RunOptions, applied: string[]): Promise<TenancyError | undefined> {
  const stopped = (index: number): StoppedError => new StoppedError(target.schema, plan.steps.slice(index).map(({ name }) => name));
  for (const [index, migration] of plan.steps.entries()) {
    if (run.signal?.aborted) return stopped(index);
    try {
      if (await applyStep(engine, target, migration, run)) applied.push(migration.name);
    } catch (error) {
      if (error instanceof StoppedError) return stopped(index);
      if (error instanceof TenancyError) return error;
      throw error;
    }
  }
  return undefined;
}

/** Nothing is reported that was not read back: where that fails, the revision is unknown, and the report says why. */
async function readRevision(engine: Engine, target: Target): Promise<Pick<TargetReport, 'revision' | 'error'>> {
  try {
    return { revision: (await readState(engine, target)).revision };
  } catch (error) {
    if (error instanceof TenancyError) return { revision: null, error };
    throw error;
  }
}
