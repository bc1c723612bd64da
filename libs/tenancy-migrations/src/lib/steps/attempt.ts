import type { KnownMigration } from '../core/migrations';
import type { Target } from '../core/targets';
import type { Engine } from '../engine';
import type { StepClient } from '../postgres/connection';
import type { Patience } from '../postgres/locks';
import type { StepFacts } from './journal';

/** How an attempt ended when it did not throw. */
export type AttemptResult = 'applied' | 'already applied' | 'locked';

/** One step on its way: what is known of it while it runs, for the journal and for the error. */
export class Attempt {
  readonly startedAt = new Date();
  private readonly startedMs = performance.now();
  statements = 0;
  attempts = 1;
  /** The statement to blame when it fails. */
  statement: string | undefined;

  constructor(readonly target: Target, readonly migration: KnownMigration, readonly patience: Patience) {}

  facts(): StepFacts {
    return { startedAt: this.startedAt, durationMs: performance.now() - this.startedMs, statements: this.statements, attempts: this.attempts };
  }
}

/** One try, on the client at hand. */
export type Once = (engine: Engine, client: StepClient, attempt: Attempt) => Promise<AttemptResult>;
