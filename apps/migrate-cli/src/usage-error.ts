import { TenancyError } from 'tenancy-migrations';

/** The command line, the environment or the config file is not usable. Nothing was touched. */
export class UsageError extends TenancyError {
  readonly code = 'USAGE';
  constructor(what: string, remedy: string, cause?: unknown) {
    super(what, remedy, {}, cause);
  }
}
