import { OutOfOrderError } from './errors';
import type { KnownMigration } from './migrations';
import type { TargetState } from './state';

/** The pure answer to "what would run": the steps of one target, in order. */
export interface Plan {
  readonly target: TargetState['target'];
  readonly steps: readonly KnownMigration[];
  /** What the operator should know before or after it runs; none of it blocks. */
  readonly warnings: readonly string[];
}

/** How a plan is made. */
export interface PlanOptions {
  /** Refuse pending migrations older than the revision instead of applying them with a warning. Default false. */
  readonly strictOrder?: boolean | undefined;
}

/**
 * Plans the way to the head of the track.
 *
 * @throws OutOfOrderError with `strictOrder`, when a pending migration is older than the revision
 */
export function planUpgrade(state: TargetState, { strictOrder = false }: PlanOptions = {}): Plan {
  const { target, pending, outOfOrder, missing } = state;
  if (strictOrder && outOfOrder.length > 0) throw new OutOfOrderError(target.schema, outOfOrder);
  return {
    target,
    steps: pending,
    warnings: [
      ...outOfOrder.map((name) => `${name} is older than the revision ${state.revision} of "${target.schema}"; it is applied out of order`),
      ...missing.map((name) => `${name} is applied to "${target.schema}" but unknown in code`),
    ],
  };
}
