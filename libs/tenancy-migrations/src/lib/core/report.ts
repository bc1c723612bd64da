import type { TenancyError } from './errors';
import type { TargetState } from './state';
import type { Track } from './targets';

/** How a target stands; the shape that `status --json` prints. */
export interface TargetStatus {
  readonly track: Track;
  readonly schema: string;
  readonly revision: string | null;
  readonly head: string | null;
  readonly upToDate: boolean;
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  readonly missing: readonly string[];
  readonly outOfOrder: readonly string[];
}

/** The status of a compared target. */
export function statusOf(state: TargetState): TargetStatus {
  return {
    ...state.target,
    revision: state.revision,
    head: state.head,
    upToDate: state.pending.length === 0,
    applied: state.applied.map(({ name }) => name),
    pending: state.pending.map(({ name }) => name),
    missing: state.missing,
    outOfOrder: state.outOfOrder,
  };
}

/** How the public track stands, and the library's own tables, which come before it. */
export interface PublicStatus extends TargetStatus {
  /** The library's own migrations that are pending; the track is not up to date before they are applied. */
  readonly libraryPending: readonly string[];
}

/** The result of bringing one target up: failures are data here, and become exit codes and HTTP answers at the edge. */
export interface TargetReport {
  readonly track: Track;
  readonly schema: string;
  /** Read back after the last step. */
  readonly revision: string | null;
  /** The migrations that this call applied and committed. */
  readonly applied: readonly string[];
  readonly warnings: readonly string[];
  readonly durationMs: number;
  /** Why it stopped short; absent when the target is where it should be. */
  readonly error?: TenancyError;
}

/** The result of `init-public` and `upgrade-public`. */
export interface PublicReport extends TargetReport {
  /** The library's own migrations that this call applied before the product's. */
  readonly libraryApplied: readonly string[];
}

/** The result of `init-tenant`. */
export interface TenantReport extends TargetReport {
  /** The tenant's API key, in clear, from the one call that made the tenant active. It is stored nowhere. */
  readonly apiKey?: string;
}
