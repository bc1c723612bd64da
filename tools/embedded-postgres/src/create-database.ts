import { hasErrorCode } from './errors';

const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505';

/** Makes the database unless it is there, also when another process does the same right now. */
export async function createDatabase(serverUrl: string, name: string): Promise<void> {
  // Loading `pg` takes 40 ms, and hardly ever is there something to make.
  const { Client } = await import('pg');
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    // Nobody can be connected to template0, so nobody can be in the way.
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
  } catch (error) {
    if (!hasErrorCode(error, DUPLICATE_DATABASE, UNIQUE_VIOLATION)) throw error;
  } finally {
    await client.end();
  }
}
