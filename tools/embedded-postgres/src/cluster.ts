import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './binaries';
import { InitialisationFailedError } from './errors';
import { launchOptions, type ServerUser } from './server-user';

/** What it takes to run a server on a data folder. */
export interface Cluster {
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly dataFolder: string;
}

/** The superuser comes in without a password; roles that others create have to prove theirs. */
const CLIENT_AUTHENTICATION = `# type  database  user      address       method
host    all       postgres  127.0.0.1/32  trust
host    all       all       127.0.0.1/32  scram-sha-256
`;

const INITDB_FLAGS = ['--username=postgres', '--encoding=UTF8', '--locale=C', '--auth=trust', '--no-instructions'];

/** Makes an empty cluster in a folder that does not exist yet. It takes about half a second. */
export async function createCluster({ binaries, user, dataFolder }: Cluster, moreFlags: readonly string[] = []): Promise<void> {
  mkdirSync(dataFolder, { mode: 0o700 });
  if (user) chownSync(dataFolder, user.uid, user.gid);
  try {
    await promisify(execFile)(binaries.initdb, [...INITDB_FLAGS, ...moreFlags, '-D', dataFolder], launchOptions(user));
  } catch (error) {
    throw new InitialisationFailedError(dataFolder, (error as { stderr?: string }).stderr?.trim() ?? '', error);
  }
  writeFileSync(join(dataFolder, 'pg_hba.conf'), CLIENT_AUTHENTICATION);
}
