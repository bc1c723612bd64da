import type { DryRun, PublicReport, TargetReport, TargetStatus, TenantReport } from 'tenancy-migrations';
import { done, failure, type Answer } from './answer';
import { ExitCode } from './exit-codes';

/** The answer of `status` and `status-public`. */
export function renderStatus(status: TargetStatus, check: boolean): Answer {
  const { schema, revision, head, applied, upToDate } = status;
  const lists = (['pending', 'outOfOrder', 'missing'] as const)
    .filter((list) => status[list].length > 0)
    .map((list) => `  ${LABELS[list]}\n${status[list].map((name) => `    ${name}`).join('\n')}`);
  const text = [
    `${schema}: ${upToDate ? 'up to date' : `${status.pending.length} pending`}`,
    `  revision  ${revision ?? 'none'}`,
    `  head      ${head ?? 'none'}`,
    `  applied   ${applied.length}`,
    ...lists,
  ].join('\n');
  return { json: status, text, exitCode: check && !upToDate ? ExitCode.pending : ExitCode.done };
}

const LABELS = { pending: 'pending', outOfOrder: 'out of order', missing: 'missing (applied, but unknown in code)' } as const;

/** The answer of `init-*` and `upgrade-*`. */
export function renderReport(report: TargetReport | PublicReport | TenantReport): Answer {
  const { error, ...result } = report;
  if (error) return failure(error, report.applied);
  const { schema, revision, applied, durationMs } = report;
  const own = 'libraryApplied' in report && report.libraryApplied.length > 0 ? "the library's tables are ready, " : '';
  const what = applied.length === 0 ? `${own || 'nothing to do, '}`.slice(0, -2) : `${own}${applied.length} migrations applied in ${durationMs} ms`;
  const key = 'apiKey' in report ? `\nAPI key, shown this once: ${report.apiKey}` : '';
  return done(result, `${schema}: ${what}, revision ${revision ?? 'none'}${key}`);
}

/** The answer of `--dry-run`. */
export function renderDryRun(dryRun: DryRun): Answer {
  const { schema, steps, warnings } = dryRun;
  const lines = [
    ...warnings.map((warning) => `-- warning: ${warning}`),
    `-- ${schema}: ${steps.length} steps would run; nothing was changed${steps.some(({ sql }) => sql) || steps.length === 0 ? '' : ' (add --sql for their SQL)'}`,
    ...steps.flatMap(({ migration, transactional, sql = [] }) => [
      `-- ${migration}${transactional ? '' : ' (outside of a transaction)'}`,
      ...sql.map((statement) => `${statement.trim().replace(/;$/, '')};`),
    ]),
  ];
  return done(dryRun, lines.join('\n'));
}
