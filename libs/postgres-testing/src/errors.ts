/** An error of the test set-up: a class, a stable `code`, and the remedy that the message ends with. */
export abstract class PostgresTestingError extends Error {
  /** Stable; scripts may rely on it. */
  abstract readonly code: string;

  protected constructor(what: string, readonly remedy: string, cause?: unknown) {
    super(`${what}. ${remedy}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

/** A test asked for a database, but nothing started a server. */
export class NoTestServerError extends PostgresTestingError {
  readonly code = 'NO_TEST_SERVER';
  constructor() {
    super('TEST_SERVER_URL is not set', 'Run the test through the workspace\'s jest.config.js, whose global set-up starts a server.');
  }
}

/** No container can be had. Reported only when TEST_POSTGRES insists on one. */
export class ContainerUnavailableError extends PostgresTestingError {
  readonly code = 'CONTAINER_UNAVAILABLE';
  constructor(readonly reason: string, cause?: unknown) {
    super(
      `Testcontainers cannot run PostgreSQL: ${reason}`,
      'Start Docker, or unset TEST_POSTGRES to let the embedded PostgreSQL stand in.',
      cause,
    );
  }
}

/** TEST_POSTGRES has a value that means nothing. */
export class UnknownTestServerError extends PostgresTestingError {
  readonly code = 'UNKNOWN_TEST_SERVER';
  constructor(given: string) {
    super(`TEST_POSTGRES=${given} is not known`, 'Choose testcontainers or embedded, or leave it unset.');
  }
}
