import type { DataSource } from 'typeorm';
import { preparePublicSchema } from './bootstrap/public-schema';
import { PublicTrackBehindError, TenantNotActiveError } from './core/errors';
import type { TenancyEvents } from './core/events';
import { parseSchemaName, type SchemaName } from './core/names';
import { statusOf, type TargetReport, type TargetStatus, type TenantReport } from './core/report';
import { ENGINE_TARGET, PUBLIC_TARGET, tenantTarget, type TenantTarget, type Track } from './core/targets';
import { dryRunPublic, dryRunTenant, type DryRun, type DryRunOptions } from './dry-run/dry-run';
import { openEngine, type Engine } from './engine';
import { resolveOptions, type TenancyMigrationsOptions } from './options';
import { dataSourceOptions, openDataSource } from './postgres/data-sources';
import { createApiKey } from './provisioning/api-key';
import { giveBirth, newTenant, type TenantRequest } from './provisioning/birth';
import type { Tenant } from './registry/tenant-registry';
import { bringToHead, readState, type RunOptions } from './runner';

/**
 * The whole product, and its table of contents: options become targets, a target's state becomes a plan, the runner takes the plan step by
 * step (lock, session, migration, history, commit) to a report. CLI, API and provisioning service are thin faces of this class.
 *
 * A step that fails is data in the report, with what was applied before it. Bad names, missing preconditions and a server that cannot be
 * reached throw a {@link TenancyError}.
 */
export class Migrator {
  constructor(private readonly engine: Engine) {}

  /** Subscribe here to watch steps as they happen. */
  get events(): TenancyEvents {
    return this.engine.events;
  }

  /** Prepares the database, brings the library's own tables to head and then the public track. Safe to run again, and many at once. */
  async initPublic(run: RunOptions = {}): Promise<TargetReport> {
    await preparePublicSchema(this.engine, run);
    return this.bringPublicToHead(run);
  }

  /** Brings the public track to head. @throws PublicTrackBehindError when there is none yet */
  async upgradePublic(run: RunOptions = {}): Promise<TargetReport> {
    await this.requirePublicTrack();
    return this.bringPublicToHead(run);
  }

  /** How the public track stands; everything is pending where it was never initialised. */
  async statusPublic(): Promise<TargetStatus> {
    return statusOf(await readState(this.engine, PUBLIC_TARGET));
  }

  /** Registers a tenant if it is new, makes its schema, brings it to head and makes it active. Safe to run again, and many at once. */
  async initTenant(request: TenantRequest, run: RunOptions = {}): Promise<TenantReport> {
    const tenant = newTenant(parseSchemaName(request.schema), request);
    await this.requirePublicHead();
    return giveBirth(this.engine, tenant, run);
  }

  /** Brings a tenant's schema to head. @throws UnknownTenantError, TenantNotActiveError, PublicTrackBehindError */
  async upgradeTenant(schema: string, run: RunOptions = {}): Promise<TargetReport> {
    const name = parseSchemaName(schema);
    await this.requirePublicHead();
    return bringToHead(this.engine, await this.activeTarget(name), run);
  }

  /** How a tenant's schema stands. @throws UnknownTenantError */
  async status(schema: string): Promise<TargetStatus> {
    const tenant = await this.tenant(schema);
    return statusOf(await readState(this.engine, { ...PUBLIC_TARGET, track: 'tenant', schema: tenant.schema }));
  }

  /** What `initPublic` or `upgradePublic` would run. */
  async dryRunPublic(options: DryRunOptions = {}): Promise<DryRun> {
    return dryRunPublic(this.engine, options);
  }

  /** What `initTenant` or, for a registered tenant, `upgradeTenant` would run. */
  async dryRunTenant(schema: string, options: DryRunOptions = {}): Promise<DryRun> {
    const name = parseSchemaName(schema);
    await this.requirePublicHead();
    return dryRunTenant(this.engine, name, options);
  }

  /** A registered tenant. @throws UnknownTenantError, PublicTrackBehindError when there is no registry yet */
  async tenant(schema: string): Promise<Tenant> {
    const name = parseSchemaName(schema);
    await this.requirePublicTrack();
    return this.engine.registry.get(name);
  }

  /** Registered tenants by id, a page at a time. Default: the first 100. */
  async tenants(page: { readonly after?: number; readonly limit?: number } = {}): Promise<Tenant[]> {
    await this.requirePublicTrack();
    return this.engine.registry.list(page);
  }

  /** Gives a tenant a new API key; the old one ends at once. @returns the key in clear, which is stored nowhere */
  async rotateApiKey(schema: string): Promise<string> {
    const { schema: name } = await this.tenant(schema);
    const { apiKey, digest } = createApiKey();
    await this.engine.registry.replaceApiKey(name, digest);
    return apiKey;
  }

  /** Closes both pools. Only for a migrator from {@link openMigrator}; Nest closes its own. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.engine.dataSources).map((dataSource) => dataSource.destroy()));
  }

  private async bringPublicToHead(run: RunOptions): Promise<TargetReport> {
    const own = await bringToHead(this.engine, ENGINE_TARGET, run);
    return own.error ? { ...own, revision: null, applied: [] } : bringToHead(this.engine, PUBLIC_TARGET, run);
  }

  private async activeTarget(schema: SchemaName): Promise<TenantTarget> {
    const { id, role, status } = await this.engine.registry.get(schema);
    if (status !== 'active' || role === null) {
      throw new TenantNotActiveError(schema, status, status === 'suspended' || status === 'archived'
        ? 'Bring it back first.' : `Finish its birth with init-tenant --schema ${schema}.`);
    }
    return tenantTarget({ id, schema, role });
  }

  private async requirePublicTrack(): Promise<void> {
    const { pending } = await readState(this.engine, ENGINE_TARGET);
    if (pending.length > 0) throw new PublicTrackBehindError(pending.map(({ name }) => name), false);
  }

  private async requirePublicHead(): Promise<void> {
    await this.requirePublicTrack();
    const { pending } = await readState(this.engine, PUBLIC_TARGET);
    if (pending.length > 0) throw new PublicTrackBehindError(pending.map(({ name }) => name), true);
  }
}

/**
 * Opens a migrator without Nest: connects both DataSources and reads who we are. Close it with {@link Migrator.close}.
 *
 * @throws InvalidOptionsError listing every problem; DatabaseAccessError when the server cannot be used
 */
export async function openMigrator(options: TenancyMigrationsOptions): Promise<Migrator> {
  const resolved = resolveOptions(options);
  const open = (track: Track): Promise<DataSource> => openDataSource(track, dataSourceOptions(track, resolved));
  const opened = await Promise.allSettled([open('public'), open('tenant')]);
  const [publicSource, tenantSource] = opened;
  if (publicSource.status === 'fulfilled' && tenantSource.status === 'fulfilled') {
    return new Migrator(await openEngine(resolved, { public: publicSource.value, tenant: tenantSource.value }));
  }
  // One of the two may have come up: it is closed, and the other's reason is told.
  await Promise.all(opened.map(async (result) => (result.status === 'fulfilled' ? result.value.destroy() : undefined)));
  throw opened.find((result) => result.status === 'rejected')?.reason;
}
