import { startTestServer, type TestServer } from './test-server';

let server: TestServer | undefined;

/** Starts the run's server before the first worker, which finds its URL in TEST_SERVER_URL. */
export default async function setUp(): Promise<void> {
  server = await startTestServer(process.env);
  process.env['TEST_SERVER_URL'] = server.url;
  process.stderr.write(`Tests use ${server.kind}\n`);
}

/** For the global teardown, which Jest loads into the same process. */
export async function stopServer(): Promise<void> {
  await server?.stop();
  server = undefined;
}
