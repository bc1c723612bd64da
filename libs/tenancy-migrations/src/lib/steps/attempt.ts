import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import { shorten } from '../guard/forbidden';
import type { GuardedClient } from '../postgres/guarded-client';
import type { LOCKED } from '../postgres/patience';
import type { StepFacts } from './journal';

/** How an attempt ended when it did not throw: applied, applied by another run before, or another holds the lock. */
export type AttemptResult = 'applied' | 'already applied' | typeof LOCKED;

/** One step on its way: what is known of it while it runs, for the journal and for the error. */
export class Attempt {
  private startedAt = new Date();
  private startedMs = performance.now();
  private attempts = 0;
  private guarded: GuardedClient | undefined;

  constructor(readonly target: Target, readonly migration: KnownMigration) {}

  /** Begins another try, under the lock: what is measured is the work, not the waiting. */
  begin(guarded: GuardedClient): void {
    this.attempts++;
    this.startedAt = new Date();
    this.startedMs = performance.now();
    this.guarded = guarded;
  }

  /** Has a migration been given the word? What fails before is the engine's own failure. */
  get hasBegun(): boolean {
    return this.guarded?.hasSpoken === true;
  }

  /** The statement to blame when it fails. */
  get statement(): string | undefined {
    return this.guarded?.lastStatement === undefined ? undefined : shorten(this.guarded.lastStatement);
  }

  facts(): StepFacts {
    return {
      startedAt: this.startedAt, durationMs: performance.now() - this.startedMs, statements: this.guarded?.sent ?? 0, attempts: Math.max(1, this.attempts),
    };
  }
}
