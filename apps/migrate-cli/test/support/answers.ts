/** What `--json` prints, as far as others may rely on it. */
export interface StatusAnswer {
  readonly track: string;
  readonly schema: string;
  readonly revision: string | null;
  readonly head: string | null;
  readonly upToDate: boolean;
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  readonly missing: readonly string[];
  readonly outOfOrder: readonly string[];
}

/** Of init-public, upgrade-public, init-tenant, upgrade-tenant. */
export interface ReportAnswer {
  readonly schema: string;
  readonly revision: string | null;
  readonly applied: readonly string[];
  readonly durationMs: number;
  readonly apiKey?: string;
}

/** Of any failure. */
export interface FailureAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string; readonly [field: string]: unknown };
  readonly applied: readonly string[];
}

/** Of `--dry-run`. */
export interface DryRunAnswer {
  readonly steps: readonly { readonly migration: string; readonly sql?: readonly string[] }[];
}

/** Of `rotate-api-key`. */
export interface KeyAnswer {
  readonly schema: string;
  readonly apiKey: string;
}
