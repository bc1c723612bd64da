import { DataSource, type DataSourceOptions } from 'typeorm';
import { InvalidOptionsError, TenantSessionRequiredError } from '../core/errors';
import type { Track } from '../core/targets';
import type { ResolvedOptions } from '../options';
import { expandGlobs } from '../globs';
import { connectionLost } from './access-errors';

/** TypeORM's options of a track's DataSource: one pool, and nothing that changes the database by itself. @throws InvalidOptionsError */
export function dataSourceOptions(track: Track, options: ResolvedOptions): DataSourceOptions {
  const { entities = [], migrations = [] } = options[track];
  return {
    name: track,
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    connectTimeoutMS: 10_000,
    // Unset, TypeORM creates uuid-ossp in public by itself.
    installExtensions: false,
    entities: expandGlobs(`${track}.entities`, entities) as NonNullable<DataSourceOptions['entities']>,
    migrations: expandGlobs(`${track}.migrations`, migrations) as NonNullable<DataSourceOptions['migrations']>,
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
async function openDataSource(track: Track, options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource(options);
  const isConnected = noteConnect(dataSource);
  await dataSource.initialize().catch((error: unknown) => {
    throw isConnected() ? new InvalidOptionsError([`the ${track} track does not load: ${String(error)}`], error) : connectionLost(error);
  });
  if (track === 'tenant') refuseOutsideSessions(dataSource);
  return dataSource;
}

/** TypeORM connects first and reads entities and migrations then, in one call; which of the two has failed its error does not tell. */
function noteConnect({ driver }: DataSource): () => boolean {
  let connected = false;
  const connect = driver.connect.bind(driver);
  driver.connect = async () => {
    await connect();
    connected = true;
  };
  return () => connected;
}

/** Connects both DataSources; when one does not come up, the other is closed again. */
export async function openDataSources(options: ResolvedOptions): Promise<Readonly<Record<Track, DataSource>>> {
  const prepared = prepareBoth(options);
  const opened = await Promise.allSettled([openDataSource('public', prepared.public), openDataSource('tenant', prepared.tenant)]);
  const [publicSource, tenantSource] = opened;
  if (publicSource.status === 'fulfilled' && tenantSource.status === 'fulfilled') return { public: publicSource.value, tenant: tenantSource.value };
  await Promise.all(opened.map(async (result) => (result.status === 'fulfilled' ? result.value.destroy() : undefined)));
  throw opened.find((result) => result.status === 'rejected')?.reason;
}

/** Closes whichever of the two are open. */
export async function closeDataSources(dataSources: Readonly<Record<Track, DataSource>>): Promise<void> {
  await Promise.all(Object.values(dataSources).map(async (dataSource) => (dataSource.isInitialized ? dataSource.destroy() : undefined)));
}

/** @throws InvalidOptionsError with the problems of both tracks */
function prepareBoth(options: ResolvedOptions): Readonly<Record<Track, DataSourceOptions>> {
  const problems: string[] = [];
  const prepare = (track: Track): DataSourceOptions[] => {
    try {
      return [dataSourceOptions(track, options)];
    } catch (error) {
      if (!(error instanceof InvalidOptionsError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  };
  const [publicOptions, tenantOptions] = [prepare('public'), prepare('tenant')].flat();
  if (publicOptions === undefined || tenantOptions === undefined) throw new InvalidOptionsError(problems);
  return { public: publicOptions, tenant: tenantOptions };
}

/** A bound session brings its own connection; whoever asks the shared driver for one has no tenant. */
function refuseOutsideSessions(dataSource: DataSource): void {
  const refuse = async (): Promise<never> => {
    throw new TenantSessionRequiredError();
  };
  Object.assign(dataSource.driver, { obtainMasterConnection: refuse, obtainSlaveConnection: refuse });
}
