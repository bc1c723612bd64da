import { chownSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { binariesFor } from './binaries';
import { createCluster } from './cluster';
import { fastestTemporaryFolder } from './fastest-temporary-folder';
import { type Keeper, startKeeper } from './keeper';
import { joinOrStart, type Launch } from './launch';
import { type Postmaster, stopPostmaster } from './postmaster';
import { serverUser } from './server-user';

/** Which server to start. */
export interface TemporaryServerOptions {
  /** Major version, `15` to `18`. Default: `18`. */
  readonly version?: string | undefined;
  /** Where npm packages are looked for and kept. Default: the checkout that this file lies in. */
  readonly workspaceRoot?: string | undefined;
}

/** Speed over safety: a crash of the machine may lose the data, a crash of the server does not. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: 300,
  // The folder may lie in memory.
  max_wal_size: '256MB',
};

/** A running server that is gone when it is stopped, or when this process ends. */
export class TemporaryServer {
  constructor(private readonly launch: Launch, private readonly keeper: Keeper, private postmaster: Postmaster) {}

  /** Of the superuser `postgres` and the database `postgres`, without a password; other roles need one (scram-sha-256). */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.postmaster.port}/postgres`;
  }

  /** Of the postmaster; another one after `restart`. */
  get pid(): number {
    return this.postmaster.pid;
  }

  get dataFolder(): string {
    return this.launch.dataFolder;
  }

  /** Ends all sessions, and comes back with the same data, and on the same port unless another process took it meanwhile. */
  async restart(): Promise<void> {
    await stopPostmaster(this.launch.dataFolder, this.postmaster);
    this.postmaster = (await joinOrStart({ ...this.launch, wantedPort: this.postmaster.port })).postmaster;
  }

  /** Ends the server and deletes its data. */
  stop(): Promise<void> {
    return this.keeper.release();
  }
}

/**
 * A new server with an empty cluster, for tests: in memory where there is 1 GiB for it, else in the temporary folder.
 * @throws EmbeddedPostgresError
 */
export async function startTemporaryServer({ version, workspaceRoot }: TemporaryServerOptions = {}): Promise<TemporaryServer> {
  const user = serverUser();
  const binaries = await binariesFor(version, { workspaceRoot, user });
  const folder = mkdtempSync(join(fastestTemporaryFolder(), 'tenancy-migrations-test-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const keeper = startKeeper(folder, user);
  const cluster = { binaries, user, dataFolder: join(folder, 'data') };
  const launch = { ...cluster, logFile: join(folder, 'server.log'), settings: SETTINGS, wantedPort: undefined };
  try {
    await createCluster(launch, ['--no-sync']);
    return new TemporaryServer(launch, keeper, (await joinOrStart(launch)).postmaster);
  } catch (error) {
    await keeper.release();
    throw error;
  }
}
