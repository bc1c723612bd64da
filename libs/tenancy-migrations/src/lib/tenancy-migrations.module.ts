import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { getDataSourceToken, getEntityManagerToken } from '@nestjs/typeorm';
import type { FactoryProvider } from '@nestjs/common';
import type { Track } from './core/targets';
import { Migrator, openMigrator } from './migrator';
import type { TenancyMigrationsOptions } from './options';
import { TenantProvisioningService } from './tenant-provisioning.service';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<TenancyMigrationsOptions>({ moduleName: 'TenancyMigrations' })
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

const dataSource = (track: Track): FactoryProvider => ({
  provide: getDataSourceToken(track), inject: [Migrator], useFactory: ({ dataSources }: Migrator) => dataSources[track],
});
const entityManager = (track: Track): FactoryProvider => ({
  provide: getEntityManagerToken(track), inject: [Migrator], useFactory: ({ dataSources }: Migrator) => dataSources[track].manager,
});
const FOR_TYPEORM = [dataSource('public'), dataSource('tenant'), entityManager('public'), entityManager('tenant')];

/**
 * Gives an application {@link Migrator}, {@link TenantProvisioningService}, `@InjectDataSource('public')` and `@InjectDataSource('tenant')`,
 * everywhere; `TypeOrmModule.forFeature([Entity], 'public')` works on top. The `tenant` DataSource refuses use outside of a tenant's session.
 * At start-up both connect, and nothing is migrated; at shutdown both are closed.
 *
 * `forRoot(options)` and `forRootAsync({ useFactory, inject, imports })` take {@link TenancyMigrationsOptions}. The application does not start
 * on InvalidOptionsError or DatabaseAccessError.
 */
@Module({
  providers: [{ provide: Migrator, inject: [MODULE_OPTIONS_TOKEN], useFactory: openMigrator }, TenantProvisioningService, ...FOR_TYPEORM],
  exports: [Migrator, TenantProvisioningService, ...FOR_TYPEORM],
})
export class TenancyMigrationsModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(Migrator) private readonly migrator: Migrator) {
    super();
  }

  /** Called by Nest. */
  async onApplicationShutdown(): Promise<void> {
    await this.migrator.close();
  }
}
