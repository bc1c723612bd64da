import { TenancyError } from '../core/errors';
import { EXTENSIONS_SCHEMA } from '../core/names';
import { ENGINE_TARGET, PUBLIC_TARGET } from '../core/targets';
import type { Engine } from '../engine';
import { privilegeMissing } from '../postgres/access-errors';
import { poolOf, type SqlClient } from '../postgres/connection';
import { createHistory } from '../postgres/history';
import { inLockedTransaction, type Waiting } from '../postgres/patience';
import { requirePrivileges } from '../postgres/login';
import { createRole, requireRole, roleExists } from '../postgres/roles';
import { driverErrorOf, SqlState, sqlStateOf } from '../postgres/sql-state';
import { installExtensions } from './extensions';

/**
 * Prepares the database for both tracks, in one transaction under the public lock: extensions in a schema of their own, no CREATE on `public`
 * for everybody, the runtime role, the two histories of `public`. Running it again changes nothing.
 *
 * @throws DatabaseAccessError naming the privilege that the login lacks
 */
export async function preparePublicSchema(engine: Engine, waiting: Waiting): Promise<void> {
  requirePrivileges(engine.login, engine.options.isolation === 'role-per-tenant');
  await inLockedTransaction(poolOf(engine.dataSources.public), PUBLIC_TARGET, waiting, (client) => prepare(client, engine));
}

/** The work of {@link preparePublicSchema}, in the caller's transaction. */
export async function prepare(client: SqlClient, engine: Engine): Promise<void> {
  try {
    await closePublicSchema(client, engine);
    await installExtensions(client, engine.login, engine.options.extensions);
    await ensureRoles(client, engine);
    await createHistory(client, ENGINE_TARGET);
    await createHistory(client, PUBLIC_TARGET);
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.insufficientPrivilege || error instanceof TenancyError) throw error;
    throw privilegeMissing(`The login "${engine.login.name}" may not prepare the database (${driverErrorOf(error)?.message ?? ''})`,
      `Connect as the owner of the database and of the schemas public and ${EXTENSIONS_SCHEMA}, or let the owner grant what is missing.`, error);
  }
}

interface PublicPrivileges {
  readonly mayCreate: boolean;
  readonly openToAll: boolean;
}

/** Before PostgreSQL 15 everybody may create in `public`; afterwards, in databases that were upgraded, too. */
async function closePublicSchema(client: SqlClient, { login }: Engine): Promise<void> {
  const before = await readPublicPrivileges(client);
  if (before.openToAll) await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  const after = before.openToAll ? await readPublicPrivileges(client) : before;
  if (after.openToAll) {
    throw privilegeMissing('Everybody may create in the schema public, and this login may not change that',
      'Let its owner run: REVOKE CREATE ON SCHEMA public FROM PUBLIC.');
  }
  if (!after.mayCreate) {
    throw privilegeMissing(`The login "${login.name}" may not create tables in the schema public`,
      `Grant it: GRANT CREATE ON SCHEMA public TO "${login.name}", or connect as the owner of the database.`);
  }
}

async function readPublicPrivileges(client: SqlClient): Promise<PublicPrivileges> {
  const { rows } = await client.query<PublicPrivileges>(
    `SELECT pg_catalog.has_schema_privilege('public', 'CREATE') AS "mayCreate",
            EXISTS (SELECT 1 FROM pg_catalog.aclexplode(nspacl) WHERE grantee = 0 AND privilege_type = 'CREATE') AS "openToAll"
       FROM pg_catalog.pg_namespace WHERE nspname = 'public'`,
  );
  return rows[0] ?? { mayCreate: false, openToAll: false };
}

async function ensureRoles(client: SqlClient, engine: Engine): Promise<void> {
  const { isolation, runtimeRole } = engine.options;
  if (isolation !== 'role-per-tenant') await requireRole(client, isolation.sharedRole, engine.login.name);
  if (runtimeRole !== undefined) await requireRole(client, runtimeRole);
  else if (engine.runtimeRole !== undefined && !(await roleExists(client, engine.runtimeRole))) await createRole(client, engine.runtimeRole, engine.login);
}
