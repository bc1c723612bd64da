// eslint-disable-next-line no-restricted-imports -- Jest resolves no workspace names in its global set-up.
import { startTemporaryServer } from '../../../tools/embedded-postgres/src/index';
import { startContainer } from './container';
import { ContainerUnavailableError, UnknownTestServerError } from './errors';

/** The server that all tests of a run share. */
export interface TestServer {
  /** Of a superuser. */
  readonly url: string;
  /** For people: which kind of server it is. */
  readonly kind: string;
  stop(): Promise<void>;
}

/** The environment variables that decide, as `process.env` has them. */
export interface TestServerEnvironment {
  /** A server of one's own, as a superuser: used as it is. */
  readonly TEST_DATABASE_URL?: string | undefined;
  /** `testcontainers` or `embedded`. Default: Testcontainers where a Docker engine answers, else embedded. */
  readonly TEST_POSTGRES?: string | undefined;
  /** Major version. Default: `18`. */
  readonly POSTGRES_VERSION?: string | undefined;
}

/**
 * The server that the environment asks for: TEST_DATABASE_URL, else a container where Docker answers, else the embedded PostgreSQL.
 * @throws PostgresTestingError, EmbeddedPostgresError
 */
export async function startTestServer(environment: TestServerEnvironment): Promise<TestServer> {
  const { TEST_DATABASE_URL: url, TEST_POSTGRES: wanted } = environment;
  const version = environment.POSTGRES_VERSION || '18';
  if (url) return { url, kind: 'the server of TEST_DATABASE_URL', stop: async () => {} };
  switch (wanted || 'any') {
    case 'testcontainers':
      return startContainer(version);
    case 'embedded':
      return startEmbedded(version, 'TEST_POSTGRES=embedded');
    case 'any':
      return startContainer(version).catch((error: unknown) => startEmbedded(version, reasonOf(error)));
    default:
      throw new UnknownTestServerError(String(wanted));
  }
}

async function startEmbedded(version: string, why: string): Promise<TestServer> {
  const server = await startTemporaryServer({ version });
  return { url: server.url, kind: `an embedded PostgreSQL ${version} (${why})`, stop: () => server.stop() };
}

function reasonOf(error: unknown): string {
  if (error instanceof ContainerUnavailableError) return error.reason;
  throw error;
}
