import { createHash } from 'node:crypto';
import { appendFileSync, chownSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrorCode } from './errors';
import { isPrivate, makeFolder, makePrivateFolder } from './folders';
import { mayEnter, ownerOf, type ServerUser } from './server-user';
import { DEFAULT_VERSION } from './versions';

/** Where a checkout's development server keeps its things. */
export interface DevelopmentFolder {
  readonly path: string;
  /** Exists only when it is complete. */
  readonly data: string;
  readonly log: string;
}

/**
 * The folder that holds this checkout's data, `undefined` when there is none yet: `.postgres/18` in the checkout, or one below
 * /var/tmp where the server's user cannot enter the checkout or this user cannot write in it.
 */
export function findDevelopmentFolder(workspaceRoot: string): DevelopmentFolder | undefined {
  const outside = outsideOf(workspaceRoot);
  const candidates = [insideOf(workspaceRoot), ...(isPrivate(outside) ? [outside] : [])];
  return candidates.map(folderIn).find(({ data }) => existsSync(data));
}

/** Makes the folder around the data, not the data. */
export function makeDevelopmentFolder(workspaceRoot: string, user: ServerUser): DevelopmentFolder {
  return (mayEnter(user, workspaceRoot) ? makeInside(workspaceRoot) : undefined) ?? makeIn(makePrivateFolder(outsideOf(workspaceRoot)));
}

function makeInside(workspaceRoot: string): DevelopmentFolder | undefined {
  try {
    makeFolder(insideOf(workspaceRoot));
    return makeIn(insideOf(workspaceRoot));
  } catch (error) {
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS')) return undefined;
    throw error;
  }
}

function makeIn(parent: string): DevelopmentFolder {
  const folder = folderIn(parent);
  makeFolder(folder.path);
  appendFileSync(folder.log, '');
  const owner = ownerOf(folder.path);
  if (owner) chownSync(folder.log, owner.uid, owner.gid);
  return folder;
}

/** Data of one major version is no use to another. */
function folderIn(parent: string): DevelopmentFolder {
  const path = join(parent, DEFAULT_VERSION);
  return { path, data: join(path, 'data'), log: join(path, 'server.log') };
}

function insideOf(workspaceRoot: string): string {
  return join(workspaceRoot, '.postgres');
}

function outsideOf(workspaceRoot: string): string {
  const hash = createHash('sha256').update(`${process.getuid?.()}:${workspaceRoot}`).digest('hex').slice(0, 12);
  return `/var/tmp/tenancy-migrations-${hash}`;
}
