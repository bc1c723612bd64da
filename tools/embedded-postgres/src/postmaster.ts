import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode, ServerTimeoutError } from './errors';

/** The server process of a data folder, as its own postmaster.pid tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** How often a file that another process writes is looked at, in milliseconds. */
export const POLL_MS = 10;
export const READY_SECONDS = 60;
const STOP_SECONDS = 30;

/** What postmaster.pid says, be it true or left over. */
export function readPostmasterFile(dataFolder: string): Postmaster | undefined {
  try {
    const [pid, , , port, , , , status] = readFileSync(postmasterFile(dataFolder), 'utf8').split('\n');
    return { pid: Number(pid), port: Number(port), ready: status?.trim() === 'ready' };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The postmaster that really runs on the folder, not one that a crash or a reboot left in the file. */
export function runningPostmaster(dataFolder: string): Postmaster | undefined {
  const postmaster = readPostmasterFile(dataFolder);
  return postmaster && serves(postmaster.pid, dataFolder) ? postmaster : undefined;
}

/** Waits while a postmaster of the folder starts or stops; `undefined` when none is left. */
export async function settledPostmaster(dataFolder: string): Promise<Postmaster | undefined> {
  for (const end = Date.now() + READY_SECONDS * 1000; Date.now() < end; await sleep(POLL_MS)) {
    const postmaster = runningPostmaster(dataFolder);
    if (!postmaster || postmaster.ready) return postmaster;
  }
  throw new ServerTimeoutError('ready', dataFolder, READY_SECONDS);
}

/** Fast shutdown: sessions are ended, nothing that was committed is lost. */
export async function stopPostmaster(dataFolder: string, { pid }: Postmaster): Promise<void> {
  interrupt(pid);
  for (const end = Date.now() + STOP_SECONDS * 1000; Date.now() < end; await sleep(POLL_MS)) {
    if (!serves(pid, dataFolder)) return;
  }
  throw new ServerTimeoutError('stopped', dataFolder, STOP_SECONDS);
}

/**
 * Removes a postmaster.pid whose pid now belongs to another program, or to a killed server that nobody has waited for (in containers
 * that can last): PostgreSQL would take either for a running server. Any other file stays, PostgreSQL judges it better.
 */
export function discardMisleadingPostmasterFile(dataFolder: string): void {
  const stale = readPostmasterFile(dataFolder);
  const command = stale && commandOf(stale.pid);
  if (command === undefined || basename(command.split(' ')[0] ?? '').startsWith('postgres')) return;
  takeAway(postmasterFile(dataFolder), (content) => parseInt(content, 10) === stale?.pid);
}

/** By renaming, so that a file which another process wrote meanwhile can be put back. */
function takeAway(file: string, isStale: (content: string) => boolean): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (!isStale(readFileSync(aside, 'utf8'))) linkSync(aside, file);
    rmSync(aside);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT', 'EEXIST')) throw error;
  }
}

function interrupt(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    if (!hasErrorCode(error, 'ESRCH')) throw error;
  }
}

function serves(pid: number, dataFolder: string): boolean {
  return commandOf(pid)?.includes(`postgres -D ${dataFolder} `) ?? false;
}

/** A process's command line; empty when it has ended and nobody has waited for it. Linux tells it to everybody; elsewhere `ps` is asked. */
function commandOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return undefined;
  }
}

function postmasterFile(dataFolder: string): string {
  return join(dataFolder, 'postmaster.pid');
}
