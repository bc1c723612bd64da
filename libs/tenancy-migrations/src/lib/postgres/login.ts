import { privilegeMissing } from './access-errors';
import type { SqlClient } from './connection';

/** What the login that the library runs as may do; read once per process. */
export interface Login {
  readonly name: string;
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
  readonly canCreateInDatabase: boolean;
  readonly database: string;
  readonly databaseOid: number;
  /** As in `server_version_num`: 150018 is 15.18. */
  readonly serverVersion: number;
}

/** Reads who we are. */
export async function readLogin(client: SqlClient): Promise<Login> {
  const { rows } = await client.query<Login>(
    `SELECT r.rolname AS name, r.rolsuper AS "isSuperuser", r.rolcreaterole AS "canCreateRoles",
            pg_catalog.has_database_privilege(d.oid, 'CREATE') AS "canCreateInDatabase",
            d.datname AS database, d.oid AS "databaseOid",
            pg_catalog.current_setting('server_version_num')::int AS "serverVersion"
       FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
      WHERE r.rolname = session_user AND d.datname = pg_catalog.current_database()`,
  );
  const row = rows[0];
  if (row === undefined) throw privilegeMissing('The login does not see itself in pg_roles', 'Grant it read access to pg_roles.');
  return row;
}

/** @throws DatabaseAccessError naming the first privilege that making schemas and roles needs and the login lacks */
export function requirePrivileges(login: Login, needsRoles: boolean): void {
  if (!login.canCreateInDatabase) {
    throw privilegeMissing(
      `The login "${login.name}" may not create schemas in the database "${login.database}"`,
      `Grant it: GRANT CREATE ON DATABASE "${login.database}" TO "${login.name}", or connect as the owner of the database.`);
  }
  if (needsRoles && !login.isSuperuser && !login.canCreateRoles) {
    throw privilegeMissing(
      `The login "${login.name}" may not create roles, and every tenant has one of its own`,
      `Grant it: ALTER ROLE "${login.name}" CREATEROLE, or set isolation: { sharedRole: '<an existing NOLOGIN role>' }.`);
  }
}
