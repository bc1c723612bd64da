export { type Binaries, type BinariesOptions, binariesFor } from './binaries';
export {
  type DevelopmentServer,
  type DevelopmentServerOptions,
  ensureDevelopmentServer,
  findDevelopmentServer,
  stopDevelopmentServer,
} from './development-server';
export {
  BinariesNotRunnableError,
  EmbeddedPostgresError,
  FetchFailedError,
  FolderNotAccessibleError,
  InitialisationFailedError,
  NoBinariesError,
  NoWorkspaceError,
  ServerTimeoutError,
  ServerUnreachableError,
  StartFailedError,
  UnsafeFolderError,
  UnsupportedVersionError,
} from './errors';
export { ensureDatabaseUrl } from './run-with-database';
export type { ServerUser } from './server-user';
export { startTemporaryServer, type TemporaryServer, type TemporaryServerOptions } from './temporary-server';
export { DEFAULT_VERSION, type PostgresVersion } from './versions';
