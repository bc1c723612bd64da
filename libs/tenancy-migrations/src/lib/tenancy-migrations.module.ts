import { ConfigurableModuleBuilder, Module, type DynamicModule, type ConfigurableModuleAsyncOptions } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { openEngine } from './engine';
import { Migrator } from './migrator';
import { resolveOptions, type ResolvedOptions, type TenancyMigrationsOptions } from './options';
import { DATA_SOURCE_NAMES, dataSourceOptions, openDataSource } from './postgres/data-sources';
import { TenantProvisioningService } from './tenant-provisioning.service';
import type { Track } from './core/targets';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<TenancyMigrationsOptions>({
  moduleName: 'TenancyMigrations',
}).setClassMethodName('forRoot').build();

const RESOLVED_OPTIONS = Symbol('TenancyMigrationsResolvedOptions');

/** Holds the options, so that both DataSources and the migrator inject one and the same. */
@Module({
  providers: [{ provide: RESOLVED_OPTIONS, inject: [MODULE_OPTIONS_TOKEN], useFactory: resolveOptions }],
  exports: [RESOLVED_OPTIONS],
})
class TenancyOptionsModule extends ConfigurableModuleClass {}

/**
 * Gives an application `@InjectDataSource('public')`, `@InjectDataSource('tenant')`, {@link Migrator} and {@link TenantProvisioningService},
 * everywhere. The `tenant` DataSource refuses use outside of a tenant's session. Nothing runs at start-up but the two connections.
 */
@Module({})
export class TenancyMigrationsModule {
  /** @throws InvalidOptionsError, DatabaseAccessError when the application starts */
  static forRoot(options: TenancyMigrationsOptions): DynamicModule {
    return assemble(TenancyOptionsModule.forRoot(options));
  }

  /** The same with options from a factory, a class or an existing provider. */
  static forRootAsync(options: ConfigurableModuleAsyncOptions<TenancyMigrationsOptions>): DynamicModule {
    return assemble(TenancyOptionsModule.forRootAsync(options));
  }
}

function assemble(optionsModule: DynamicModule): DynamicModule {
  return {
    module: TenancyMigrationsModule,
    global: true,
    imports: [optionsModule, dataSourceModule('public', optionsModule), dataSourceModule('tenant', optionsModule)],
    providers: [
      {
        provide: Migrator,
        inject: [RESOLVED_OPTIONS, getDataSourceToken(DATA_SOURCE_NAMES.public), getDataSourceToken(DATA_SOURCE_NAMES.tenant)],
        useFactory: async (options: ResolvedOptions, publicSource: DataSource, tenantSource: DataSource) =>
          new Migrator(await openEngine(options, { public: publicSource, tenant: tenantSource })),
      },
      TenantProvisioningService,
    ],
    exports: [Migrator, TenantProvisioningService],
  };
}

function dataSourceModule(track: Track, optionsModule: DynamicModule): DynamicModule {
  return TypeOrmModule.forRootAsync({
    name: DATA_SOURCE_NAMES[track],
    imports: [optionsModule],
    inject: [RESOLVED_OPTIONS],
    // Who restarts the application decides about retries; ten silent ones hide a wrong password for half a minute.
    useFactory: (resolved: ResolvedOptions): TypeOrmModuleOptions => ({ ...dataSourceOptions(track, resolved), retryAttempts: 0 }),
    dataSourceFactory: async (options) => openDataSource(track, options as DataSourceOptions),
  });
}
