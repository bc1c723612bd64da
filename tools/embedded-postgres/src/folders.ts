import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrorCode, UnsafeFolderError } from './errors';
import { ownerOf } from './server-user';

/** Makes the folder if it is missing: readable for all whatever the umask, because root's server runs as another user. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return;
    throw error;
  }
  chmodSync(folder, 0o755);
  const owner = ownerOf(dirname(folder));
  if (owner) chownSync(folder, owner.uid, owner.gid);
}

/** A folder below a place where everybody may write: made, or taken over only when it is this user's alone. */
export function makePrivateFolder(folder: string): string {
  makeFolder(folder);
  if (!isPrivate(folder)) throw new UnsafeFolderError(folder);
  return folder;
}

/** Whether the folder exists, belongs to this user and can be changed by nobody else. */
export function isPrivate(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/**
 * Gives a finished folder its name, under which others look for it, in one step. Somebody may have been quicker with the same:
 * then this one is deleted.
 */
export function publish(finished: string, folder: string): void {
  try {
    renameSync(finished, folder);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    rmSync(finished, { recursive: true, force: true });
  }
}
