import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster';
import { ServerTimeoutError, StartFailedError } from './errors';
import { freePort } from './free-port';
import { discardMisleadingPostmasterFile, type Postmaster, readPostmasterFile, settledPostmaster } from './postmaster';
import { POLL_MS, READY_SECONDS } from './postmaster';
import { launchOptions } from './server-user';

/** A server on its data folder, and how to start it. */
export interface Launch extends Cluster {
  /** The server's output is added to it. */
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string | number>>;
  /** Taken if it is free. */
  readonly wantedPort: number | undefined;
}

/** Room for many tenants in one transaction, and for the sessions of many workers. */
export const COMMON_SETTINGS = { max_locks_per_transaction: 256, unix_socket_directories: '' };

const ATTEMPTS = 3;
const PAUSE_MS = 250;

/**
 * A ready server on the data folder: the one that runs there, or a new one in a process group of its own.
 * Tries again where the reason may pass: a port taken meanwhile, processes of a killed server that have not ended yet.
 */
export async function joinOrStart(launch: Launch): Promise<{ postmaster: Postmaster; started: boolean }> {
  for (let attempt = 1; ; attempt++) {
    const found = await settledPostmaster(launch.dataFolder);
    if (found) return { postmaster: found, started: false };
    discardMisleadingPostmasterFile(launch.dataFolder);
    const result = await start(launch);
    if (!(result instanceof StartFailedError)) return { postmaster: result, started: true };
    // The one that was quicker may be starting still.
    if (attempt >= ATTEMPTS && !(await settledPostmaster(launch.dataFolder))) throw result;
    await sleep(PAUSE_MS);
  }
}

async function start(launch: Launch): Promise<Postmaster | StartFailedError> {
  const logged = readLog(launch).length;
  const server = spawnServer(launch, await freePort(launch.wantedPort));
  let failure: Error | undefined;
  server.on('error', (error) => (failure = error));
  for (const end = Date.now() + READY_SECONDS * 1000; Date.now() < end; await sleep(POLL_MS)) {
    const postmaster = readPostmasterFile(launch.dataFolder);
    if (postmaster?.ready && postmaster.pid === server.pid) return postmaster;
    if (failure || server.exitCode !== null || server.signalCode !== null) {
      return new StartFailedError(launch.dataFolder, tail(readLog(launch).slice(logged)), failure);
    }
  }
  throw new ServerTimeoutError('ready', launch.dataFolder, READY_SECONDS);
}

/** Detached: neither the end of this process nor Ctrl-C in its terminal reaches the server. */
function spawnServer(launch: Launch, port: number) {
  const settings = Object.entries({ ...COMMON_SETTINGS, ...launch.settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const flags = ['-D', launch.dataFolder, '-h', '127.0.0.1', '-p', String(port), ...settings];
  const log = openSync(launch.logFile, 'a', 0o644);
  const server = spawn(launch.binaries.postgres, flags, { ...launchOptions(launch.user), detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  server.unref();
  return server;
}

function readLog({ logFile }: Launch): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-15).join('\n');
}
