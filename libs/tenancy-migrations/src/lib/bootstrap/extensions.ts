import { ExtensionUnavailableError } from '../core/errors';
import { EXTENSIONS_SCHEMA, quoteIdentifier } from '../core/names';
import { privilegeMissing } from '../postgres/access-errors';
import type { SqlClient } from '../postgres/connection';
import type { Login } from '../postgres/login';
import { driverErrorOf, SqlState, sqlStateOf } from '../postgres/sql-state';

/**
 * Sees to it that every extension is installed in the schema `extensions`, which is on each session's search path, as `public` is not.
 * One that is found in another schema is moved.
 *
 * @throws ExtensionUnavailableError, or DatabaseAccessError with the statements that an administrator has to run, when this login cannot
 */
export async function installExtensions(client: SqlClient, login: Login, extensions: readonly string[]): Promise<void> {
  await ensureExtensionsSchema(client);
  const installed = await readInstalled(client, extensions);
  for (const extension of extensions) {
    const schema = installed.get(extension);
    if (schema === undefined) await place(client, login, extension, `CREATE EXTENSION ${quoteIdentifier(extension)} SCHEMA ${EXTENSIONS_SCHEMA}`);
    else if (schema !== EXTENSIONS_SCHEMA && schema !== 'pg_catalog') {
      await place(client, login, extension, `ALTER EXTENSION ${quoteIdentifier(extension)} SET SCHEMA ${EXTENSIONS_SCHEMA}`);
    }
  }
}

async function ensureExtensionsSchema(client: SqlClient): Promise<void> {
  const { rows } = await client.query<{ usable: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_catalog.aclexplode(nspacl) WHERE grantee = 0 AND privilege_type = 'USAGE') AS usable
       FROM pg_catalog.pg_namespace WHERE nspname = $1`,
    [EXTENSIONS_SCHEMA],
  );
  if (rows[0] === undefined) await client.query(`CREATE SCHEMA ${EXTENSIONS_SCHEMA}`);
  if (rows[0]?.usable !== true) await client.query(`GRANT USAGE ON SCHEMA ${EXTENSIONS_SCHEMA} TO PUBLIC`);
}

async function readInstalled(client: SqlClient, extensions: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; schema: string }>(
    `SELECT e.extname AS name, n.nspname AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = ANY ($1::text[])`,
    [extensions],
  );
  return new Map(rows.map(({ name, schema }) => [name, schema]));
}

async function place(client: SqlClient, login: Login, extension: string, statement: string): Promise<void> {
  await client.query(statement).catch((error: unknown) => {
    if (sqlStateOf(error) === SqlState.featureNotSupported && statement.startsWith('CREATE')) throw new ExtensionUnavailableError(extension, error);
    const why = driverErrorOf(error)?.message ?? String(error);
    const asAdministrator = [
      `CREATE SCHEMA IF NOT EXISTS ${EXTENSIONS_SCHEMA} AUTHORIZATION ${quoteIdentifier(login.name)}`, `GRANT USAGE ON SCHEMA ${EXTENSIONS_SCHEMA} TO PUBLIC`, statement,
    ];
    throw privilegeMissing(`The extension "${extension}" cannot be put into the schema ${EXTENSIONS_SCHEMA} (${why})`,
      `Let an administrator run: ${asAdministrator.join('; ')}; or take it out of the config.`, error);
  });
}
