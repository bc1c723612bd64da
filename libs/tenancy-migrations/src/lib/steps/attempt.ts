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
  readonly startedAt = new Date();
  attempts = 0;
  private readonly startedMs = performance.now();
  private guarded: GuardedClient | undefined;

  constructor(readonly target: Target, readonly migration: KnownMigration) {}

  /** Begins another try. */
  begin(guarded: GuardedClient): void {
    this.attempts++;
    this.guarded = guarded;
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
