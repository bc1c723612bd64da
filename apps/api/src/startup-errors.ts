import { TenancyError } from 'tenancy-migrations';

/** The environment is not usable; every problem is listed. Values are never repeated: they may be secrets. */
export class ConfigurationError extends TenancyError {
  readonly code = 'CONFIGURATION';
  constructor(problems: readonly string[]) {
    super(problems.join('; '), 'Correct the environment and start again.', { problems });
  }
}

/** Another program listens on the port. */
export class PortTakenError extends TenancyError {
  readonly code = 'PORT_TAKEN';
  constructor(host: string, port: number) {
    super(`Port ${port} on ${host} belongs to another program`, 'Set PORT to a free one, or stop that program.', { host, port });
  }
}

/** The operating system does not let us listen there. */
export class CannotListenError extends TenancyError {
  readonly code = 'CANNOT_LISTEN';
  constructor(host: string, port: number, reason: string, cause: unknown) {
    super(`The API cannot listen on ${host}, port ${port} (${reason})`, 'Correct HOST or PORT.', { host, port }, cause);
  }
}
