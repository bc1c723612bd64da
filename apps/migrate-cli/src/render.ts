import type { DryRun, PublicReport, PublicStatus, TargetReport, TargetStatus, TenantReport } from 'tenancy-migrations';
import { done, failure, type Answer } from './answer';
import { ExitCode } from './exit-codes';

/** The answer of `status` and `status-public`. */
export function renderStatus(status: TargetStatus | PublicStatus, check: boolean): Answer {
  const { schema, revision, head, applied, upToDate } = status;
  const own = 'libraryPending' in status ? status.libraryPending : [];
  const lists = (['pending', 'outOfOrder', 'missing'] as const)
    .filter((list) => status[list].length > 0)
    .map((list) => `  ${LABELS[list]}\n${status[list].map((name) => `    ${name}`).join('\n')}`);
  const text = [
    `${schema}: ${upToDate ? 'up to date' : `${status.pending.length + own.length} pending`}`,
    `  revision  ${revision ?? 'none'}`,
    `  head      ${head ?? 'none'}`,
    `  applied   ${applied.length}`,
    ...(own.length > 0 ? [`  pending of the library's own tables\n${own.map((name) => `    ${name}`).join('\n')}`] : []),
    ...lists,
  ].join('\n');
  return { json: status, text, exitCode: check && !upToDate ? ExitCode.pending : ExitCode.done };
}

const LABELS = { pending: 'pending', outOfOrder: 'out of order', missing: 'missing (applied, but unknown in code)' } as const;

/**
 * The answer of `init-*` and `upgrade-*`.
 *
 * @param withoutKey what to say of a tenant whose key this call did not make; default nothing
 */
export function renderReport(report: TargetReport | PublicReport | TenantReport, withoutKey?: string): Answer {
  const { error, ...result } = report;
  if (error) return failure(error, report.applied);
  const { schema, revision, applied, durationMs } = report;
  const said = [
    ...('libraryApplied' in report && report.libraryApplied.length > 0 ? ["the library's tables are ready"] : []),
    ...(applied.length > 0 ? [`${applied.length} migrations applied in ${durationMs} ms`] : []),
  ];
  const key = 'apiKey' in report ? `API key, shown this once: ${report.apiKey}` : withoutKey;
  return done(result, [`${schema}: ${said.join(', ') || 'nothing to do'}, revision ${revision ?? 'none'}`, ...(key ? [key] : [])].join('\n'));
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
