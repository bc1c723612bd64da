import type { DataSource } from 'typeorm';
import { TenancyEvents } from './core/events';
import { knownMigrations, type KnownMigration } from './core/migrations';
import { ENGINE_TARGET, type HistoryPlace, type Track } from './core/targets';
import type { ResolvedOptions } from './options';
import { poolOf, withClient } from './postgres/connection';
import { readLogin, type Login } from './postgres/login';
import { ENGINE_MIGRATIONS } from './registry/migrations';
import { TenantRegistry } from './registry/tenant-registry';
import { StepJournal } from './steps/journal';

/** One DataSource per track. */
export type DataSources = Readonly<Record<Track, DataSource>>;

/** What every part of the library works with: the options, the connections, and what is known of both. Made once, by {@link openEngine}. */
export class Engine {
  readonly events = new TenancyEvents();
  readonly registry: TenantRegistry;
  readonly journal: StepJournal;
  private readonly known: Readonly<Record<Track, readonly KnownMigration[]>>;

  constructor(readonly options: ResolvedOptions, readonly dataSources: DataSources, readonly login: Login) {
    this.registry = new TenantRegistry(poolOf(dataSources.public));
    this.journal = new StepJournal(options.actor);
    this.known = {
      public: knownMigrations('public', dataSources.public.migrations),
      tenant: knownMigrations('tenant', dataSources.tenant.migrations),
    };
  }

  /** The migrations that a target is held against, oldest first. */
  knownFor(target: HistoryPlace): readonly KnownMigration[] {
    return target.historyTable === ENGINE_TARGET.historyTable ? ENGINE_MIGRATIONS : this.known[target.track];
  }

  /** Roles are the whole cluster's: the database's oid keeps two databases with the same tenants apart. */
  roleFor(tenantId: number): string {
    const { isolation } = this.options;
    return isolation === 'role-per-tenant' ? `tm_${this.login.databaseOid}_${tenantId}` : isolation.sharedRole;
  }

  /** The role that the application's login is to be a member of; undefined when there is none. */
  get runtimeRole(): string | undefined {
    const own = this.options.isolation === 'role-per-tenant' ? `tm_${this.login.databaseOid}_runtime` : undefined;
    return this.options.runtimeRole ?? own;
  }
}

/** Reads who we are and puts the engine together over open DataSources. */
export async function openEngine(options: ResolvedOptions, dataSources: DataSources): Promise<Engine> {
  const login = await withClient(poolOf(dataSources.public), readLogin);
  return new Engine(options, dataSources, login);
}
