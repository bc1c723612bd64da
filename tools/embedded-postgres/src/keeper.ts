import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { launchOptions, type ServerUser } from './server-user';

/**
 * Waits for the end of its input, which comes when the process that holds the other end calls `release` or dies, however it dies.
 * Then ends the server at once, its data being worthless, and deletes the folder; initdb may still write in it, hence the loops.
 */
const SCRIPT = `
trap : HUP INT TERM
read -r line
server=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$server" ] && kill -QUIT "$server" 2>/dev/null; then
  tries=0
  while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
fi
tries=0
until rm -rf "$1" || [ $tries -ge 50 ]; do sleep 0.1; tries=$((tries + 1)); done
`;

/** A small process beside a temporary server, without which a killed test run would leave the server and its folder behind. */
export interface Keeper {
  /** Resolves when the server has ended and the folder is gone. */
  release(): Promise<void>;
}

/** Started before there is anything to keep, in a process group of its own: Ctrl-C does not reach it. */
export function startKeeper(folder: string, user: ServerUser): Keeper {
  const script = ['-c', SCRIPT, 'sh', folder];
  const shell = spawn('/bin/sh', script, { ...launchOptions(user), detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const gone = once(shell, 'exit');
  shell.unref();
  return {
    release: async () => {
      shell.ref();
      shell.stdin.end();
      await gone;
    },
  };
}
