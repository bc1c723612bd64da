import { type DynamicModule, Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { sampleProduct } from '@sample/database';
import { TenancyMigrationsModule } from 'tenancy-migrations';
import { AdminToken } from './access/admin-token';
import { AdminTokenGuard } from './access/admin-token.guard';
import type { Configuration } from './configuration';
import { invalidRequest } from './errors/request-errors';
import { TenancyExceptionFilter } from './errors/tenancy-exception.filter';
import { HealthController } from './health/health.controller';
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
        { provide: AdminToken, useValue: new AdminToken(adminToken) },
        { provide: APP_GUARD, useClass: AdminTokenGuard },
        { provide: APP_FILTER, useClass: TenancyExceptionFilter },
        { provide: APP_PIPE, useValue: new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true, exceptionFactory: invalidRequest }) },
      ],
    };
  }
}
