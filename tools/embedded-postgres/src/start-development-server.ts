import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binariesFor } from './binaries';
import { type Cluster, createCluster } from './cluster';
import { type DevelopmentFolder, findDevelopmentFolder, makeDevelopmentFolder } from './development-folder';
import type { RunningServer } from './development-server';
import { hasErrorCode } from './errors';
import { publish } from './folders';
import { joinOrStart } from './launch';
import { ownerOf, serverUser } from './server-user';

const SETTINGS = { max_connections: 200 };

/** Makes what is missing, then starts the server, or joins one that another process is starting. */
export async function startDevelopmentServer(workspaceRoot: string): Promise<RunningServer> {
  const found = findDevelopmentFolder(workspaceRoot);
  const user = found ? ownerOf(found.data) : serverUser(workspaceRoot);
  const folder = found ?? makeDevelopmentFolder(workspaceRoot, user);
  const cluster = { binaries: await binariesFor(undefined, { workspaceRoot, user }), user, dataFolder: folder.data };
  if (!existsSync(folder.data)) await createClusterOnce(cluster, folder);
  const server = await joinOrStart({ ...cluster, logFile: folder.log, settings: SETTINGS, wantedPort: rememberedPort(folder.data) });
  return { ...server, dataFolder: folder.data };
}

/** Under another name first, so that the data folder exists only when it is complete; of two at once the first one counts. */
async function createClusterOnce(cluster: Cluster, folder: DevelopmentFolder): Promise<void> {
  removeUnfinished(folder);
  const unfinished = `${folder.data}.${process.pid}.${randomUUID().slice(0, 8)}`;
  try {
    await createCluster({ ...cluster, dataFolder: unfinished });
    publish(unfinished, folder.data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** What killed processes left behind. */
function removeUnfinished({ path }: DevelopmentFolder): void {
  for (const name of readdirSync(path)) {
    const pid = /^data\.(\d+)\./.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(path, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasErrorCode(error, 'EPERM');
  }
}

/** PostgreSQL notes the command line of its last start. */
function rememberedPort(dataFolder: string): number | undefined {
  const options = join(dataFolder, 'postmaster.opts');
  const port = existsSync(options) ? /"-p" "(\d+)"/.exec(readFileSync(options, 'utf8'))?.[1] : undefined;
  return port ? Number(port) : undefined;
}
