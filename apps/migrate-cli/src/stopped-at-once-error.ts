import { TenancyError } from 'tenancy-migrations';

/** The second Ctrl-C: the step in hand was not waited for. */
export class StoppedAtOnceError extends TenancyError {
  readonly code = 'STOPPED';
  constructor() {
    super('Stopped at once, without waiting for the step in hand', 'Run the same command again to go on; status tells what is applied.');
  }
}
