import { UnregisteredSchemaError } from '../core/errors';
import { quoteIdentifier } from '../core/names';
import { tenantTarget, type TenantTarget } from '../core/targets';
import type { Engine } from '../engine';
import { poolOf, type SqlClient } from '../postgres/connection';
import { createHistory, historyName } from '../postgres/history';
import { inLockedTransaction, type Waiting } from '../postgres/patience';
import { createRole } from '../postgres/roles';
import { enterSession, leaveSession } from '../postgres/session';
import { SqlState, sqlStateOf } from '../postgres/sql-state';
import { recordRole, type Tenant } from '../registry/tenant-registry';

/**
 * Makes a tenant's role, schema, history and privileges, in one transaction: all of it is there, and the registry says so, or nothing is.
 *
 * The schema and the history belong to the engine, so that no migration can drop or edit them; the tenant's role may use the schema, create
 * in it, and read its history.
 */
export async function ensureTenantSchema(engine: Engine, tenant: Tenant, waiting: Waiting): Promise<TenantTarget> {
  const target = tenantTarget({ id: tenant.id, schema: tenant.schema, role: tenant.role ?? engine.roleFor(tenant.id) });
  if (tenant.role !== null) return target;
  await inLockedTransaction(poolOf(engine.dataSources.public), target, waiting, async (client) => {
    if (!(await hasRole(client, tenant.id))) await createTenantSchema(engine, client, target);
  });
  return target;
}

/** Another runner may have done it while we waited for the lock. */
async function hasRole(client: SqlClient, id: number): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM public.tenant_registry WHERE id = $1 AND role_name IS NOT NULL', [id]);
  return rowCount === 1;
}

/** The work of {@link ensureTenantSchema}, in the caller's transaction. */
export async function createTenantSchema(engine: Engine, client: SqlClient, target: TenantTarget): Promise<void> {
  if (engine.options.isolation === 'role-per-tenant') await createRole(client, target.role, engine.login);
  await createSchema(client, target);
  await createHistory(client, target);
  await client.query(`GRANT USAGE, CREATE ON SCHEMA ${quoteIdentifier(target.schema)} TO ${quoteIdentifier(target.role)}`);
  await client.query(`GRANT SELECT ON ${historyName(target)} TO ${quoteIdentifier(target.role)}`);
  if (engine.runtimeRole !== undefined) await grantToRuntime(engine, client, target, engine.runtimeRole);
  await recordRole(client, target.tenantId, target.role);
}

async function createSchema(client: SqlClient, { schema }: TenantTarget): Promise<void> {
  try {
    await client.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
  } catch (error) {
    if (sqlStateOf(error) === SqlState.duplicateSchema) throw new UnregisteredSchemaError(schema, error);
    throw error;
  }
}

/** The application's runtime role works with what the tenant's migrations make from now on: rows, never structure. */
async function grantToRuntime(engine: Engine, client: SqlClient, target: TenantTarget, runtimeRole: string): Promise<void> {
  const schema = quoteIdentifier(target.schema);
  const runtime = quoteIdentifier(runtimeRole);
  await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${runtime}`);
  await client.query(`GRANT SELECT ON ${historyName(target)} TO ${runtime}`);
  await enterSession(client, target, engine.login, 'transaction', engine.options.lockTimeoutMs);
  await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${runtime}`);
  await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO ${runtime}`);
  await leaveSession(client, engine.login, 'transaction');
}
