import { InvalidTenantError, StoppedError, TenancyError, TenantDiffersError, TenantNotActiveError, UnregisteredSchemaError } from '../core/errors';
import type { TargetReport, TenantReport } from '../core/report';
import type { SchemaName } from '../core/names';
import type { TargetState } from '../core/state';
import { tenantHistory } from '../core/targets';
import type { Engine } from '../engine';
import { privilegeMissing } from '../postgres/access-errors';
import { poolOf, withClient } from '../postgres/connection';
import { inLockedTransaction } from '../postgres/patience';
import { roleExists } from '../postgres/roles';
import { activate, type NewTenant, type Tenant } from '../registry/tenant-registry';
import { bringToHead, cutShort, readState, type RunOptions } from '../runner';
import { createApiKey } from './api-key';
import { ensureTenantSchema } from './tenant-schema';

/** Who is to be born. */
export interface TenantRequest {
  /** The tenant's schema; see {@link parseSchemaName} for what is accepted. */
  readonly schema: string;
  /** The display name, at most 255 characters. Default: the schema's name. */
  readonly name?: string | undefined;
  /** The tenant's domain, at most 255 characters, unique among tenants. Default none. */
  readonly domain?: string | undefined;
}

/**
 * The whole birth of a tenant: registered, its schema made, brought to head, made active with an API key. Each part is there or is not, so
 * calling again after any failure goes on where it stopped; a tenant that is active already is just brought to head.
 */
export async function giveBirth(engine: Engine, request: NewTenant, run: RunOptions): Promise<TenantReport> {
  const existing = await engine.registry.find(request.schema);
  if (existing === undefined && run.signal?.aborted) return cutShort(await stateOf(engine, request), new StoppedError(request.schema, []));
  const tenant = existing ?? (await register(engine, request));
  requireLivable(tenant);
  requireSameDomain(tenant, request);
  const waitedInVain = async (error: unknown): Promise<TargetReport> => cutShort(await stateOf(engine, request), error);
  const report = await ensureTenantSchema(engine, tenant, run).then((target) => bringToHead(engine, target, run), waitedInVain);
  if (report.error) {
    await noteFailure(engine, tenant, report.error);
    return report;
  }
  return activateOnce(engine, tenant, run).then(
    (key) => ({ ...report, ...key }),
    (error: unknown) => {
      if (error instanceof TenancyError) return { ...report, error };
      throw error;
    },
  );
}

async function register(engine: Engine, request: NewTenant): Promise<Tenant> {
  await requireRuntimeRole(engine);
  const { tenant, isNew } = await engine.registry.register(request);
  if (isNew) engine.events.emit({ type: 'tenant-registered', schema: tenant.schema });
  return tenant;
}

/** A database that was copied has another oid, and the roles that carry it in their names are still to be made. */
async function requireRuntimeRole({ runtimeRole, dataSources }: Engine): Promise<void> {
  if (runtimeRole === undefined || (await withClient(poolOf(dataSources.public), (client) => roleExists(client, runtimeRole)))) return;
  throw privilegeMissing(`The runtime role "${runtimeRole}" does not exist in this cluster`, 'Run init-public: it makes the role, and leaves the rest as it is.');
}

async function stateOf(engine: Engine, { schema }: NewTenant): Promise<TargetState> {
  return readState(engine, tenantHistory(schema, false));
}

/**
 * Fills in a request's defaults and holds it to what the registry's columns take. Domains are compared as DNS does, in lower case.
 *
 * @throws InvalidTenantError
 */
export function newTenant(schema: SchemaName, { name, domain }: Pick<TenantRequest, 'name' | 'domain'>): NewTenant {
  return { schema, name: checkedText('name', name) ?? schema, domain: checkedText('domain', domain)?.toLowerCase() ?? null };
}

function checkedText(field: 'name' | 'domain', value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new InvalidTenantError(field, 'is not a text');
  if (value.trim() === '') throw new InvalidTenantError(field, 'is empty');
  if (value.length > 255) throw new InvalidTenantError(field, 'is longer than 255 characters');
  if (/[\u0000-\u001f]/.test(value)) throw new InvalidTenantError(field, 'contains control characters');
  return value;
}

/** Refuses, without doing anything, what {@link giveBirth} would refuse. @throws UnregisteredSchemaError, TenantNotActiveError, TenantDiffersError */
export async function requireBearable(engine: Engine, request: NewTenant): Promise<void> {
  const tenant = await engine.registry.find(request.schema);
  if (tenant) {
    requireLivable(tenant);
    requireSameDomain(tenant, request);
  } else if (await engine.registry.schemaExists(request.schema)) throw new UnregisteredSchemaError(request.schema);
}

function requireLivable({ schema, status }: Tenant): void {
  if (status !== 'suspended' && status !== 'archived') return;
  throw new TenantNotActiveError(schema, status, 'Choose another schema, or bring the tenant back first.');
}

/** A second call may leave the domain out; it may not quietly ask for another one. */
function requireSameDomain(tenant: Tenant, { domain }: NewTenant): void {
  if (domain !== null && tenant.domain !== domain) throw new TenantDiffersError(tenant.schema, tenant.domain, domain);
}

/** The report tells the failure itself; that it could not be noted in the registry, too, is an event. */
async function noteFailure(engine: Engine, tenant: Tenant, error: TenancyError): Promise<void> {
  if (error.code === 'STOPPED' || error.code === 'LOCKED' || error.code === 'DATABASE_UNREACHABLE') return;
  await engine.registry.noteFailure(tenant.id, error.message).catch((failure: unknown) => {
    engine.events.emit({ type: 'journal-failed', track: 'tenant', schema: tenant.schema, error: failure });
  });
}

/** Key and activation commit together, so the key comes from the one call that made the tenant active, and no failure before loses it. */
async function activateOnce(engine: Engine, tenant: Tenant, run: RunOptions): Promise<{ apiKey?: string }> {
  if (tenant.isActive) return {};
  const { apiKey, digest } = createApiKey();
  const pool = poolOf(engine.dataSources.public);
  const target = { track: 'tenant', schema: tenant.schema, lockKey: tenant.id } as const;
  if (!(await inLockedTransaction(pool, target, run, (client) => activate(client, tenant.id, digest)))) return {};
  engine.events.emit({ type: 'tenant-activated', schema: tenant.schema });
  return { apiKey };
}
