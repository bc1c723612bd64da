import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NoWorkspaceError } from './errors';

/** The folder given, or the nearest one above this file that has an nx.json, without symbolic links: its path is an identity. */
export function resolveWorkspaceRoot(given?: string): string {
  return realpathSync(given ?? nearestWorkspace(__dirname));
}

function nearestWorkspace(from: string): string {
  for (const folder of foldersUpFrom(from)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
  }
  throw new NoWorkspaceError(from);
}

/** The folder and everything above it, nearest first. */
export function* foldersUpFrom(folder: string): Generator<string> {
  yield folder;
  if (dirname(folder) !== folder) yield* foldersUpFrom(dirname(folder));
}
