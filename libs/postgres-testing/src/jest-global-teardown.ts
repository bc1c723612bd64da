import { stopServer } from './jest-global-setup';

/** Ends the run's server after the last worker. */
export default async function tearDown(): Promise<void> {
  await stopServer();
}
