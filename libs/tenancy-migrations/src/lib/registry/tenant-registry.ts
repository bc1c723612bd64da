import type { Pool } from 'pg';
import { DomainTakenError, UnknownTenantError, UnregisteredSchemaError } from '../core/errors';
import type { SchemaName } from '../core/names';
import { queryPool, withTransaction, type SqlClient } from '../postgres/connection';
import { driverErrorOf, SqlState, sqlStateOf } from '../postgres/sql-state';

/** Where a tenant stands in its life. */
export type TenantStatus = 'provisioning' | 'active' | 'failed' | 'suspended' | 'archived';

/** A row of the registry, without its key. */
export interface Tenant {
  readonly id: number;
  /** The display name. */
  readonly name: string;
  readonly domain: string | null;
  readonly schema: SchemaName;
  readonly status: TenantStatus;
  readonly isActive: boolean;
  /** The role that owns what the tenant's migrations make; null until the schema is there. */
  readonly role: string | null;
  /** Copy of the schema's own history, written with each step. */
  readonly revision: string | null;
  /** Why the last birth failed. */
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a new tenant brings along. */
export interface NewTenant {
  readonly schema: SchemaName;
  readonly name: string;
  readonly domain: string | null;
}

const COLUMNS = `id, tenant_name AS name, domain, schema_name AS schema, status, is_active AS "isActive", role_name AS role, revision,
  last_error AS "lastError", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** The registry of tenants, `public.tenant_registry`. */
export class TenantRegistry {
  constructor(private readonly pool: Pool) {}

  /** The tenant of a schema, or undefined. */
  async find(schema: SchemaName): Promise<Tenant | undefined> {
    const { rows } = await queryPool<Tenant>(this.pool, `SELECT ${COLUMNS} FROM public.tenant_registry WHERE schema_name = $1`, [schema]);
    return rows[0];
  }

  /** Is there a schema of that name, whoever made it? */
  async schemaExists(schema: SchemaName): Promise<boolean> {
    const { rowCount } = await queryPool(this.pool, 'SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
    return rowCount === 1;
  }

  /** @throws UnknownTenantError */
  async get(schema: SchemaName): Promise<Tenant> {
    const tenant = await this.find(schema);
    if (tenant === undefined) throw new UnknownTenantError(schema);
    return tenant;
  }

  /** Tenants by id, at most `limit` after the one with the id `after`. */
  async list({ after = 0, limit = 100 }: { after?: number; limit?: number } = {}): Promise<Tenant[]> {
    const { rows } = await queryPool<Tenant>(
      this.pool,
      `SELECT ${COLUMNS} FROM public.tenant_registry WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit],
    );
    return rows;
  }

  /**
   * Registers a tenant as `provisioning`, or finds the one that is there. `isNew` tells which.
   *
   * @throws UnregisteredSchemaError when the schema exists and nobody registered it; DomainTakenError
   */
  async register(tenant: NewTenant): Promise<{ tenant: Tenant; isNew: boolean }> {
    const inserted = await this.insert(tenant);
    if (inserted) return { tenant: inserted, isNew: true };
    const existing = await this.find(tenant.schema);
    if (existing === undefined) throw new UnregisteredSchemaError(tenant.schema);
    return { tenant: existing, isNew: false };
  }

  /** One statement, one snapshot: a schema that is there without a row is somebody else's, not another runner's newborn. */
  private async insert({ schema, name, domain }: NewTenant): Promise<Tenant | undefined> {
    try {
      const { rows } = await queryPool<Tenant>(
        this.pool,
        `INSERT INTO public.tenant_registry (tenant_name, domain, schema_name)
         SELECT $1, $2, $3::varchar WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $3::varchar)
         ON CONFLICT (schema_name) DO NOTHING RETURNING ${COLUMNS}`,
        [name, domain, schema],
      );
      return rows[0];
    } catch (error) {
      if (sqlStateOf(error) === SqlState.uniqueViolation && driverErrorOf(error)?.constraint === 'tenant_registry_domain_key') {
        throw new DomainTakenError(domain ?? '', error);
      }
      throw error;
    }
  }

  /** Notes why a birth failed; an active tenant stays active. */
  async noteFailure(id: number, reason: string): Promise<void> {
    await withTransaction(this.pool, async (client) => client.query(
      `UPDATE public.tenant_registry SET status = 'failed', last_error = $2, updated_at = pg_catalog.now()
        WHERE id = $1 AND status IN ('provisioning', 'failed')`,
      [id, reason],
    ));
  }

  /** Stores the digest of a new key; the old key ends with it. False when there is no key to replace. */
  async replaceApiKey(schema: SchemaName, digest: string): Promise<boolean> {
    const { rowCount } = await queryPool(
      this.pool,
      `UPDATE public.tenant_registry SET api_key = $2, updated_at = pg_catalog.now() WHERE schema_name = $1 AND api_key IS NOT NULL`,
      [schema, digest],
    );
    return rowCount === 1;
  }
}

/** Notes, with the schema's own birth, that the schema is there and whose role works in it. */
export async function recordRole(client: SqlClient, id: number, role: string): Promise<void> {
  await client.query('UPDATE public.tenant_registry SET role_name = $2, updated_at = pg_catalog.now() WHERE id = $1', [id, role]);
}

/** Makes a newborn tenant active and stores its key's digest, together; false when another call has done so. */
export async function activate(client: SqlClient, id: number, digest: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE public.tenant_registry SET status = 'active', api_key = $2, last_error = NULL, updated_at = pg_catalog.now()
      WHERE id = $1 AND status IN ('provisioning', 'failed')`,
    [id, digest],
  );
  return rowCount === 1;
}
