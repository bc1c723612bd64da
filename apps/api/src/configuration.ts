import { randomBytes } from 'node:crypto';
import { ConfigurationError } from './startup-errors';

/** What the program takes from its environment, parsed. */
export interface Configuration {
  readonly databaseUrl: string;
  readonly directDatabaseUrl: string | undefined;
  /** Where to listen. Default 127.0.0.1: the API is reachable from elsewhere only when somebody says so. */
  readonly host: string;
  /** Default 3000; 0 takes any free one. */
  readonly port: number;
  readonly adminToken: string;
  /** The token was made up for this run, and somebody must be told. */
  readonly adminTokenIsNew: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Parsed<T> = { readonly value: T } | { readonly problem: string };

const DEFAULT_PORT = '3000';

/**
 * Parses the environment, once. An empty variable counts as one that is not set.
 *
 * @throws ConfigurationError listing every problem
 */
export function readConfiguration(environment: Environment): Configuration {
  const databaseUrl = parseDatabaseUrl(environment);
  const directDatabaseUrl = parseUrl('DIRECT_DATABASE_URL', environment['DIRECT_DATABASE_URL'] || undefined);
  const port = parsePort(environment['PORT'] || DEFAULT_PORT);
  const token = parseAdminToken(environment);
  if ('problem' in databaseUrl || 'problem' in directDatabaseUrl || 'problem' in port || 'problem' in token) {
    throw new ConfigurationError([databaseUrl, directDatabaseUrl, port, token].flatMap((parsed) => ('problem' in parsed ? [parsed.problem] : [])));
  }
  return {
    databaseUrl: databaseUrl.value,
    directDatabaseUrl: directDatabaseUrl.value,
    host: environment['HOST'] || '127.0.0.1',
    port: port.value,
    ...token.value,
  };
}

/** No default: an API that answers from an empty server of its own, in production, is the worst answer. */
function parseDatabaseUrl(environment: Environment): Parsed<string> {
  const given = environment['DATABASE_URL'];
  if (given) return parseUrl('DATABASE_URL', given);
  return { problem: 'DATABASE_URL is not set: it takes postgres://user:password@host:port/database; in the workspace, `npm start` brings a PostgreSQL along' };
}

function parseUrl<T extends string | undefined>(name: string, given: T): Parsed<T> {
  if (given === undefined || (/^postgres(ql)?:\/\//.test(given) && URL.canParse(given))) return { value: given };
  return { problem: `${name} is not a URL of the form postgres://user:password@host:port/database` };
}

function parsePort(given: string): Parsed<number> {
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Infinity;
  return port <= 65_535 ? { value: port } : { problem: 'PORT is not a whole number from 0 to 65535' };
}

function parseAdminToken(environment: Environment): Parsed<Pick<Configuration, 'adminToken' | 'adminTokenIsNew'>> {
  const given = environment['ADMIN_TOKEN'];
  if (given) {
    // A header cannot carry anything else, so no client could ever send it.
    if (!/^[\x21-\x7e]+$/.test(given)) return { problem: 'ADMIN_TOKEN holds spaces or characters outside of ASCII' };
    return { value: { adminToken: given, adminTokenIsNew: false } };
  }
  if (environment['NODE_ENV'] === 'production') return { problem: 'ADMIN_TOKEN is not set, and NODE_ENV=production requires it' };
  return { value: { adminToken: `tma_${randomBytes(32).toString('base64url')}`, adminTokenIsNew: true } };
}
