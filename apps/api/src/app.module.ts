import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { sampleProduct } from '@sample/database';
import { TenancyMigrationsModule } from 'tenancy-migrations';
import { AdminToken } from './access/admin-token';
import { AdminTokenGuard } from './access/admin-token.guard';
import type { Configuration } from './configuration';
import { RequestPipe } from './errors/request.pipe';
import { TenancyExceptionFilter } from './errors/tenancy-exception.filter';
import { HealthController } from './health/health.controller';
import { Readiness } from './health/readiness';
import { EventLog } from './migrations/event-log';
import { MigrationsController } from './migrations/migrations.controller';
import { TenantsController } from './tenants/tenants.controller';

/** The API over the sample product's two tracks. The guard, the pipe and the filter hold for every route, those of tomorrow too. */
@Module({})
export class AppModule {
  static with({ databaseUrl, directDatabaseUrl, adminToken }: Configuration): DynamicModule {
    return {
      module: AppModule,
      imports: [
        TenancyMigrationsModule.forRoot({
          ...sampleProduct, url: databaseUrl, directUrl: directDatabaseUrl, applicationName: 'tenancy-migrations-api',
        }),
      ],
      controllers: [HealthController, TenantsController, MigrationsController],
      providers: [
        Readiness,
        EventLog,
        { provide: AdminToken, useValue: new AdminToken(adminToken) },
        { provide: APP_GUARD, useClass: AdminTokenGuard },
        { provide: APP_FILTER, useClass: TenancyExceptionFilter },
        { provide: APP_PIPE, useClass: RequestPipe },
      ],
    };
  }
}
