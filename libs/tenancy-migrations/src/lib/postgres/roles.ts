import { RoleExistsError } from '../core/errors';
import { quoteIdentifier } from '../core/names';
import { privilegeMissing } from './access-errors';
import type { SqlClient } from './connection';
import type { Login } from './login';
import { SqlState, sqlStateOf } from './sql-state';

/** Makes a role that nobody logs in as, and that this login may switch to. @throws RoleExistsError */
export async function createRole(client: SqlClient, role: string, login: Login): Promise<void> {
  // Since 16 the creator is a member by this setting; the GRANT does the same, but slows down as the roles grow in number.
  if (login.serverVersion >= 160000) await client.query(`SELECT pg_catalog.set_config('createrole_self_grant', 'set', true)`);
  await client.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN`).catch((error: unknown) => {
    throw sqlStateOf(error) === SqlState.duplicateObject ? new RoleExistsError(role, error) : error;
  });
  if (login.serverVersion < 160000 && !login.isSuperuser) await client.query(`GRANT ${quoteIdentifier(role)} TO CURRENT_USER`);
}

/**
 * @param member who must be able to switch to the role, when anybody must
 * @throws DatabaseAccessError with the statement that makes it so
 */
export async function requireRole(client: SqlClient, role: string, member?: string): Promise<void> {
  if (!(await roleExists(client, role))) {
    throw privilegeMissing(`The role "${role}" does not exist`, `Create it: CREATE ROLE ${quoteIdentifier(role)} NOLOGIN.`);
  }
  if (member === undefined) return;
  const { rows } = await client.query<{ may: boolean }>(`SELECT pg_catalog.pg_has_role($1::name, 'MEMBER') AS may`, [role]);
  if (rows[0]?.may !== true) {
    throw privilegeMissing(`The login "${member}" is not a member of the role "${role}"`,
      `Grant it: GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)}.`);
  }
}

/** Is there such a role in the cluster? */
export async function roleExists(client: SqlClient, role: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1', [role]);
  return rowCount === 1;
}
