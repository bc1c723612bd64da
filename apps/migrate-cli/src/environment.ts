import { UsageError } from './usage-error';

/** What the program takes from its environment; read here and nowhere else. */
export interface Environment {
  readonly databaseUrl: string;
  readonly directDatabaseUrl: string | undefined;
  readonly configFile: string | undefined;
}

/** @throws UsageError without DATABASE_URL: an empty server that says "all up to date" is the worst answer in production */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  if (!env['DATABASE_URL']) {
    throw new UsageError('DATABASE_URL is not set', 'Set it to postgres://user:password@host:port/database.');
  }
  return {
    databaseUrl: env['DATABASE_URL'],
    directDatabaseUrl: env['DIRECT_DATABASE_URL'] || undefined,
    configFile: env['TENANCY_CONFIG'] || undefined,
  };
}
