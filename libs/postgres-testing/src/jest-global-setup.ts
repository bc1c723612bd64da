import { startTestServer, type TestServer } from './test-server';

/** Jest loads the global teardown into the same process. */
const run: { server?: TestServer } = {};

/** Starts the run's server before the first worker, which finds its URL in TEST_SERVER_URL. */
export default async function setUp(): Promise<void> {
  const server = await startTestServer(process.env);
  run.server = server;
  process.env['TEST_SERVER_URL'] = server.url;
  process.stderr.write(`Tests use ${server.kind}\n`);
}

/** For the global teardown. */
export async function stopServer(): Promise<void> {
  await run.server?.stop();
  delete run.server;
}
