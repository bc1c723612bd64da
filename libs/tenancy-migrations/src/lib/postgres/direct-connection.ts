import { Client } from 'pg';
import { DirectConnectionRequiredError } from '../core/errors';
import { connectionLost } from './access-errors';
import type { SqlClient } from './connection';

/** For which step a direct connection is opened; named in the error when there is none to be had. */
export interface DirectUse {
  readonly schema: string;
  readonly migration: string;
  readonly applicationName: string;
}

/**
 * Opens a connection to the server itself for the length of `work`, and ends it afterwards, whatever state it is in.
 * The server looks every 100 ms whether we still live, so that a statement of a killed client does not go on for hours.
 *
 * @throws DirectConnectionRequiredError behind a pooler: session settings and session locks would be another client's
 */
export async function withDirectConnection<T>(url: string, use: DirectUse, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: use.applicationName });
  let broken: Error | undefined;
  client.on('error', (error) => void (broken ??= error));
  await client.connect().catch((error: unknown) => {
    throw connectionLost(error);
  });
  try {
    if (await isPooled(client)) throw new DirectConnectionRequiredError(use.schema, use.migration);
    await client.query(`SELECT pg_catalog.set_config('client_connection_check_interval', '100ms', false)`);
    return await work(client);
  } catch (error) {
    throw broken ? connectionLost(error) : error;
  } finally {
    await client.end();
  }
}

/** A pooler answers the start-up with a cancel key of its own, whose process is not the backend that runs our statements. */
async function isPooled(client: SqlClient): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return (client as { processID?: number | null }).processID !== rows[0]?.pid;
}
