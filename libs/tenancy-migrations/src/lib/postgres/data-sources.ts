import { DataSource, type DataSourceOptions } from 'typeorm';
import { InvalidOptionsError, TenantSessionRequiredError } from '../core/errors';
import type { Track } from '../core/targets';
import type { ResolvedOptions } from '../options';
import { connectionLost } from './access-errors';
import { driverErrorOf } from './sql-state';

/** The names under which Nest injects the two DataSources. */
export const DATA_SOURCE_NAMES = { public: 'public', tenant: 'tenant' } as const;

/** TypeORM's options of a track's DataSource: one pool, and nothing that changes the database by itself. */
export function dataSourceOptions(track: Track, options: ResolvedOptions): DataSourceOptions {
  const { entities = [], migrations = [] } = options[track];
  return {
    name: DATA_SOURCE_NAMES[track],
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMS: 10_000,
    // Unset, TypeORM creates uuid-ossp in public by itself.
    installExtensions: false,
    entities: [...entities] as NonNullable<DataSourceOptions['entities']>,
    migrations: [...migrations] as NonNullable<DataSourceOptions['migrations']>,
    migrationsTableName: 'migrations',
    logging: options.logging ?? false,
    ...(track === 'public' ? { schema: 'public' } : {}),
  } as DataSourceOptions;
}

/**
 * Connects a track's DataSource.
 *
 * @throws DatabaseAccessError when the server cannot be reached or refuses the login; InvalidOptionsError when entities or migrations do not load
 */
export async function openDataSource(track: Track, options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(options);
  await dataSource.initialize().catch((error: unknown) => {
    throw initializeError(track, dataSource, error);
  });
  await requireMatches(track, dataSource);
  if (track === 'tenant') refuseOutsideSessions(dataSource);
  return dataSource;
}

/** A glob that matches no file loads nothing, and "nothing pending" would be the answer. */
async function requireMatches(track: Track, dataSource: DataSource): Promise<void> {
  const migrations = dataSource.options.migrations as readonly unknown[];
  const globs = migrations.filter((entry) => typeof entry === 'string');
  if (globs.length === 0 || dataSource.migrations.length > 0) return;
  await dataSource.destroy();
  throw new InvalidOptionsError([`no migration of the ${track} track is found by ${globs.join(', ')}`]);
}

/** TypeORM connects first and reads entities and migrations then; it knows by itself which of the two has failed. */
function initializeError(track: Track, dataSource: DataSource, error: unknown): Error {
  const { master } = dataSource.driver as unknown as { master?: unknown };
  const connected = master !== undefined || driverErrorOf(error)?.code === 'ERR_MODULE_NOT_FOUND';
  return connected ? new InvalidOptionsError([`the ${track} track does not load: ${String(error)}`], error) : connectionLost(error);
}

/** A bound session brings its own connection; whoever asks the shared driver for one has no tenant. */
function refuseOutsideSessions(dataSource: DataSource): void {
  const refuse = async (): Promise<never> => {
    throw new TenantSessionRequiredError();
  };
  Object.assign(dataSource.driver, { obtainMasterConnection: refuse, obtainSlaveConnection: refuse });
}
