import type { TenancyError } from './errors';
import type { Track } from './targets';

interface OnTarget {
  readonly track: Track;
  readonly schema: string;
}

interface OnStep extends OnTarget {
  readonly migration: string;
}

/** Everything that happens while targets are brought up. Listeners print, count or stream; the library itself prints nothing. */
export type TenancyEvent =
  | (OnTarget & { readonly type: 'plan'; readonly pending: readonly string[]; readonly warnings: readonly string[] })
  | (OnStep & { readonly type: 'step-started' })
  | (OnStep & { readonly type: 'step-applied'; readonly durationMs: number; readonly statements: number; readonly attempts: number })
  | (OnStep & { readonly type: 'step-skipped'; readonly reason: 'applied by another run' })
  | (OnStep & { readonly type: 'step-retried'; readonly sqlState: string; readonly attempt: number; readonly delayMs: number })
  | (OnStep & { readonly type: 'step-failed'; readonly durationMs: number; readonly error: TenancyError })
  | (OnTarget & { readonly type: 'lock-waiting' })
  | (OnTarget & { readonly type: 'journal-failed'; readonly error: unknown })
  | { readonly type: 'tenant-registered'; readonly schema: string }
  | { readonly type: 'tenant-activated'; readonly schema: string };

/** Receives events as they happen. */
export type TenancyListener = (event: TenancyEvent) => unknown;

/** The way out for events. A listener that throws, or rejects, is reported and never disturbs a migration. */
export class TenancyEvents {
  private readonly listeners = new Set<TenancyListener>();

  /** @param report hears of a listener that failed; default: a process warning */
  constructor(private readonly report: (message: string) => void = (message) => process.emitWarning(message, 'TenancyEventsWarning')) {}

  /** Adds a listener; the answer removes it. */
  subscribe(listener: TenancyListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: TenancyEvent): void {
    for (const listener of this.listeners) void this.tell(listener, event);
  }

  /** The listener runs before the first await, so at once and in order. */
  private async tell(listener: TenancyListener, event: TenancyEvent): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.report(`A listener failed on ${event.type}: ${String(error)}`);
    }
  }
}
