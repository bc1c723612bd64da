import { setTimeout as sleep } from 'node:timers/promises';
import { findDevelopmentFolder } from './development-folder';
import { FolderNotAccessibleError, hasErrorCode, ServerUnreachableError } from './errors';
import { type Postmaster, runningPostmaster, settledPostmaster, stopPostmaster } from './postmaster';
import { askServer } from './server-probe';
import { startDevelopmentServer } from './start-development-server';
import { DEFAULT_VERSION } from './versions';
import { resolveWorkspaceRoot } from './workspace-root';

/** Which checkout's server. */
export interface DevelopmentServerOptions {
  /** Default: the checkout that this file lies in. */
  readonly workspaceRoot?: string | undefined;
}

/** The server that a checkout keeps for development. */
export interface DevelopmentServer {
  /** Of the superuser `postgres` and the database `tenancy`, without a password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** E.g. `18.4`. */
  readonly version: string;
  /** Absolute; below /var/tmp where the server cannot use the checkout. */
  readonly dataFolder: string;
  /** False when it was running already. */
  readonly started: boolean;
}

const HOST = '127.0.0.1';
const DATABASE = 'tenancy';
const NO_SUCH_DATABASE = '3D000';
const ATTEMPTS = 5;
const PAUSE_MS = 100;

/**
 * The checkout's own PostgreSQL 18: made on the first call, started when it is not running, shared by all who call at the same time.
 * It outlives this process, keeps its data and its port, and listens on 127.0.0.1 only.
 * @throws EmbeddedPostgresError
 */
export function ensureDevelopmentServer(options: DevelopmentServerOptions = {}): Promise<DevelopmentServer> {
  return withCheckout(options, ensure);
}

/** The checkout's server if it runs, else `undefined`. Starts nothing. */
export function findDevelopmentServer(options: DevelopmentServerOptions = {}): Promise<DevelopmentServer | undefined> {
  return withCheckout(options, async (workspaceRoot) => {
    const running = findRunning(workspaceRoot);
    return running && describe(running, (await askServer(running.postmaster.port, DATABASE)).version);
  });
}

/**
 * Stops the checkout's server: sessions are ended, what was committed stays. Resolves with false when none was running.
 * @throws EmbeddedPostgresError
 */
export function stopDevelopmentServer(options: DevelopmentServerOptions = {}): Promise<boolean> {
  return withCheckout(options, async (workspaceRoot) => {
    const dataFolder = findDevelopmentFolder(workspaceRoot)?.data;
    const postmaster = dataFolder === undefined ? undefined : await settledPostmaster(dataFolder);
    if (!dataFolder || !postmaster) return false;
    await stopPostmaster(dataFolder, postmaster);
    return true;
  });
}

/** A ready server and its folder. */
export interface RunningServer {
  readonly dataFolder: string;
  readonly postmaster: Postmaster;
  readonly started: boolean;
}

async function ensure(workspaceRoot: string): Promise<DevelopmentServer> {
  let started = false;
  let problem: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const running = findRunning(workspaceRoot) ?? (await startDevelopmentServer(workspaceRoot));
    started ||= running.started;
    const { version, refusal } = await askServer(running.postmaster.port, DATABASE);
    if (!refusal) return describe({ ...running, started }, version);
    problem = refusal === NO_SUCH_DATABASE ? await createDatabase(running.postmaster.port) : refusal;
    if (problem) await sleep(PAUSE_MS);
  }
  throw new ServerUnreachableError(workspaceRoot, String(problem));
}

/** Nobody can be connected to template0, so nobody can be in the way. Resolves with the SQLSTATE of a refusal. */
async function createDatabase(port: number): Promise<string | undefined> {
  return (await askServer(port, 'postgres', `CREATE DATABASE ${DATABASE} TEMPLATE template0`)).refusal;
}

function findRunning(workspaceRoot: string): RunningServer | undefined {
  const dataFolder = findDevelopmentFolder(workspaceRoot)?.data;
  const postmaster = dataFolder === undefined ? undefined : runningPostmaster(dataFolder);
  return dataFolder && postmaster?.ready ? { dataFolder, postmaster, started: false } : undefined;
}

function describe({ dataFolder, postmaster: { pid, port }, started }: RunningServer, version: string = DEFAULT_VERSION): DevelopmentServer {
  return { url: `postgres://postgres@${HOST}:${port}/${DATABASE}`, host: HOST, port, pid, version, dataFolder, started };
}

/** A bare "permission denied" of Node.js does not say what to do. */
async function withCheckout<T>({ workspaceRoot }: DevelopmentServerOptions, work: (workspaceRoot: string) => Promise<T>): Promise<T> {
  const root = resolveWorkspaceRoot(workspaceRoot);
  try {
    return await work(root);
  } catch (error) {
    if (!hasErrorCode(error, 'EACCES', 'EPERM')) throw error;
    throw new FolderNotAccessibleError((error as NodeJS.ErrnoException).path ?? root, error);
  }
}
