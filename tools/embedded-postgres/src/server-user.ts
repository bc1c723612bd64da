import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

/** Whom the server runs as; `undefined` stands for the user of this process. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

/** PostgreSQL refuses to run as root: root lends it the checkout's owner, if that is somebody else, or `nobody`. */
export function serverUser(workspaceRoot?: string): ServerUser {
  if (!isRoot()) return undefined;
  const owner = workspaceRoot === undefined ? undefined : ownerOf(workspaceRoot);
  return owner && hasPasswdEntry(owner.uid) ? owner : nobody();
}

/** The owner of a file or folder when root asks and it is not root's own, else `undefined`. */
export function ownerOf(path: string): ServerUser {
  const { uid, gid } = statSync(path);
  return isRoot() && uid !== 0 ? { uid, gid } : undefined;
}

/** How every binary of the server is spawned: nothing of the caller's locale, folder or settings reaches it. */
export function launchOptions(user: ServerUser) {
  return { ...user, cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } };
}

/** Whether that user may enter the folder; asked of the kernel, which knows of groups and access lists. */
export function mayEnter(user: ServerUser, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...launchOptions(user), stdio: 'ignore' }).status === 0;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function nobody(): ServerUser {
  const entry = passwdEntries().find(([name]) => name === 'nobody');
  return { uid: Number(entry?.[2] ?? 65534), gid: Number(entry?.[3] ?? 65534) };
}

/** initdb insists on a name for its user. */
function hasPasswdEntry(uid: number): boolean {
  return passwdEntries().some((fields) => Number(fields[2]) === uid);
}

function passwdEntries(): string[][] {
  const list = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  return list.split('\n').map((line) => line.split(':'));
}
