import { IsolationViolationError, MigrationFailedError, RefusedStatementError, TenancyError, type StepPlace } from '../core/errors';
import type { Target } from '../core/targets';
import { accessError, privilegeMissing } from '../postgres/access-errors';
import { driverErrorOf, SqlState, sqlStateOf } from '../postgres/sql-state';

/** Where PostgreSQL's own message does not say what to do about a migration. */
const REMEDIES: Readonly<Record<string, string>> = {
  [SqlState.activeTransaction]: 'Give the migration `transaction = false`, and put nothing else into it.',
  [SqlState.inFailedTransaction]: 'A statement failed and the migration caught the error; let it fail, or wrap it in queryRunner.startTransaction().',
  [SqlState.lockNotAvailable]: 'Something holds a lock on the table for long; run the same command again, or raise --lock-wait.',
};

/**
 * Turns whatever a migration threw into an error that names the target, the migration and the SQLSTATE.
 *
 * @param tidy makes the server's message fit for the reader; default: as it is
 */
export function stepError(error: unknown, target: Target, place: StepPlace, tidy = (text: string): string => text): TenancyError {
  const driverError = driverErrorOf(error);
  if (driverError instanceof RefusedStatementError) {
    return new IsolationViolationError(place, driverError.reason, undefined, error, driverError.remedy);
  }
  if (driverError instanceof TenancyError) return driverError;
  const sqlState = sqlStateOf(error);
  const reason = tidy(driverError?.message ?? String(error));
  if (sqlState === SqlState.insufficientPrivilege && target.track === 'tenant') {
    return new IsolationViolationError(place, `${reason}, in «${place.statement ?? 'an unknown statement'}»`, sqlState, error);
  }
  return accessError(error) ?? new MigrationFailedError(place, reason, sqlState, error, REMEDIES[sqlState ?? '']);
}

/** What failed before the migration had the word: the login, the role, the history; nothing that the migration could mend. */
export function openingError(error: unknown, target: Target, place: StepPlace): TenancyError {
  if (sqlStateOf(error) === SqlState.insufficientPrivilege && target.track === 'tenant') {
    return privilegeMissing(`The login may not act as the role "${target.role}" of "${target.schema}"`,
      `Connect as the login that made the tenant, or grant the role to this one: GRANT "${target.role}" TO <login>.`, error);
  }
  return stepError(error, target, place);
}
