import { preparePublicSchema } from './bootstrap/public-schema';
import { PublicTrackBehindError, TenantNotActiveError } from './core/errors';
import type { TenancyEvents } from './core/events';
import { parseSchemaName, type SchemaName } from './core/names';
import { statusOf, type PublicReport, type PublicStatus, type TargetReport, type TargetStatus, type TenantReport } from './core/report';
import { ENGINE_TARGET, PUBLIC_TARGET, tenantHistory, tenantTarget, type TenantTarget } from './core/targets';
import { dryRunPublic, dryRunTenant, type DryRun, type DryRunOptions } from './dry-run/dry-run';
import { openEngine, type DataSources, type Engine } from './engine';
import { resolveOptions, type TenancyMigrationsOptions } from './options';
import { closeDataSources, openDataSources } from './postgres/data-sources';
import { createApiKey } from './provisioning/api-key';
import { giveBirth, newTenant, requireBearable, type TenantRequest } from './provisioning/birth';
import type { Tenant } from './registry/tenant-registry';
import { bringToHead, cutShort, readState, type RunOptions } from './runner';

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
  async initPublic(run: RunOptions = {}): Promise<PublicReport> {
    try {
      await preparePublicSchema(this.engine, run);
    } catch (error) {
      return { ...cutShort(await readState(this.engine, PUBLIC_TARGET), error), libraryApplied: [] };
    }
    return this.bringPublicToHead(run);
  }

  /** Brings the public track to head. @throws PublicTrackBehindError when there is none yet */
  async upgradePublic(run: RunOptions = {}): Promise<PublicReport> {
    await this.requireInitialised();
    return this.bringPublicToHead(run);
  }

  /** How the public track stands; everything is pending where it was never initialised. */
  async statusPublic(): Promise<PublicStatus> {
    const own = statusOf(await readState(this.engine, ENGINE_TARGET));
    const product = statusOf(await readState(this.engine, PUBLIC_TARGET));
    return { ...product, upToDate: product.upToDate && own.upToDate, libraryPending: own.pending };
  }

  /** The two DataSources, one pool each however many tenants; the tenant one refuses use outside of a tenant's session. */
  get dataSources(): DataSources {
    return this.engine.dataSources;
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
    return statusOf(await readState(this.engine, tenantHistory(tenant.schema, tenant.role !== null)));
  }

  /** What {@link initPublic} would run. */
  async dryRunInitPublic(options: DryRunOptions = {}): Promise<DryRun> {
    return dryRunPublic(this.engine, { ...options, preparing: true });
  }

  /** What {@link upgradePublic} would run; refuses what that refuses. */
  async dryRunUpgradePublic(options: DryRunOptions = {}): Promise<DryRun> {
    await this.requireInitialised();
    return dryRunPublic(this.engine, { ...options, preparing: false });
  }

  /** What {@link initTenant} would run; refuses what that refuses, as far as it can be told without doing it. */
  async dryRunInitTenant(request: TenantRequest, options: DryRunOptions = {}): Promise<DryRun> {
    const tenant = newTenant(parseSchemaName(request.schema), request);
    await this.requirePublicHead();
    await requireBearable(this.engine, tenant);
    return dryRunTenant(this.engine, tenant.schema, options);
  }

  /** What {@link upgradeTenant} would run; refuses what that refuses. */
  async dryRunUpgradeTenant(schema: string, options: DryRunOptions = {}): Promise<DryRun> {
    const name = parseSchemaName(schema);
    await this.requirePublicHead();
    await this.activeTarget(name);
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
    const { schema: name, status } = await this.tenant(schema);
    const { apiKey, digest } = createApiKey();
    if (await this.engine.registry.replaceApiKey(name, digest)) return apiKey;
    throw new TenantNotActiveError(name, status, `Its first key comes with its birth: init-tenant --schema ${name}.`);
  }

  /** Closes both pools. In a Nest application the module does, when it shuts down. */
  async close(): Promise<void> {
    await closeDataSources(this.engine.dataSources);
  }

  private async bringPublicToHead(run: RunOptions): Promise<PublicReport> {
    const own = await bringToHead(this.engine, ENGINE_TARGET, run);
    if (own.error) return { ...own, revision: null, applied: [], libraryApplied: own.applied };
    const product = await bringToHead(this.engine, PUBLIC_TARGET, run).catch(async (error: unknown) => cutShort(await readState(this.engine, PUBLIC_TARGET), error));
    return { ...product, libraryApplied: own.applied };
  }

  private async activeTarget(schema: SchemaName): Promise<TenantTarget> {
    const { id, role, status } = await this.engine.registry.get(schema);
    if (status !== 'active' || role === null) {
      throw new TenantNotActiveError(schema, status, status === 'suspended' || status === 'archived'
        ? 'Bring it back first.' : `Finish its birth with init-tenant --schema ${schema}.`);
    }
    return tenantTarget({ id, schema, role });
  }

  private async requireInitialised(): Promise<void> {
    const { pending, applied } = await readState(this.engine, ENGINE_TARGET);
    if (applied.length === 0) throw new PublicTrackBehindError(pending.map(({ name }) => name), false);
  }

  private async requirePublicTrack(): Promise<void> {
    const { pending, applied } = await readState(this.engine, ENGINE_TARGET);
    if (pending.length > 0) throw new PublicTrackBehindError(pending.map(({ name }) => name), applied.length > 0);
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
  const dataSources = await openDataSources(resolved);
  try {
    return new Migrator(await openEngine(resolved, dataSources));
  } catch (error) {
    await closeDataSources(dataSources);
    throw error;
  }
}
