import { Injectable, Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  MigrationFailedError, Migrator, TenancyMigrationsModule, TenantProvisioningService, type TenancyMigrationsOptions,
} from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { eventually, failureOf, useTestbed, type Product } from './support/testbed';

const testbed = useTestbed('createrole');
const CreatePlan = migration('CreatePlan', 0, 'CREATE TABLE plan (id int PRIMARY KEY)');

/** An application's provider that knows no other module than its own. */
@Injectable()
class Consumer {
  constructor(
    @InjectDataSource('public') readonly publicSource: DataSource,
    @InjectDataSource('tenant') readonly tenantSource: DataSource,
    readonly provisioning: TenantProvisioningService,
    readonly migrator: Migrator,
  ) {}
}

@Module({ providers: [Consumer] })
class FeatureModule {}

@Module({})
class RootModule {}

let started: INestApplicationContext[] = [];
afterEach(async () => {
  await Promise.all(started.map((application) => application.close()));
  started = [];
});

async function start(tenancy: DynamicModule): Promise<Consumer> {
  const root = { module: RootModule, imports: [tenancy, FeatureModule] };
  const application = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  started.push(application);
  return application.get(Consumer, { strict: false });
}

const options = (product: Product = {}): TenancyMigrationsOptions => testbed.options({ public: [CreatePlan], ...product });
const connections = (name: string): Promise<unknown> => testbed.value('count(*)::int FROM pg_stat_activity WHERE application_name = $1', name);

describe('the module', () => {
  it('gives both DataSources, the migrator and the provisioning to every module, by forRoot', async () => {
    const { migrator, publicSource, tenantSource, provisioning } = await start(TenancyMigrationsModule.forRoot(options()));
    await migrator.initPublic();
    expect(await provisioning.provision({ schema: 'by_root' })).toMatchObject({ applied: [CreateNote.name], apiKey: expect.stringMatching(/^tmk_/) });
    expect(await publicSource.query('SELECT schema_name FROM tenant_registry')).toEqual([{ schema_name: 'by_root' }]);
    expect(tenantSource).not.toBe(publicSource);
  });

  it('takes its options from a factory with dependencies, by forRootAsync', async () => {
    @Injectable()
    class Config {
      readonly tenancy = options();
    }
    @Module({ providers: [Config], exports: [Config] })
    class ConfigModule {}

    const { provisioning } = await start(TenancyMigrationsModule.forRootAsync({
      imports: [ConfigModule], inject: [Config], useFactory: ({ tenancy }: Config) => tenancy,
    }));
    expect(await provisioning.provision({ schema: 'by_factory' })).toMatchObject({ applied: [CreateNote.name] });
  });

  it('takes its options from a class, by forRootAsync', async () => {
    @Injectable()
    class OptionsFactory {
      create(): TenancyMigrationsOptions {
        return options();
      }
    }
    const { migrator } = await start(TenancyMigrationsModule.forRootAsync({ useClass: OptionsFactory }));
    expect(await migrator.statusPublic()).toMatchObject({ upToDate: true });
  });

  it('runs nothing at start-up', async () => {
    const Later = migration('Later', 1, 'CREATE TABLE later (id int)');
    const { migrator } = await start(TenancyMigrationsModule.forRoot(options({ public: [CreatePlan, Later] })));
    expect(await migrator.statusPublic()).toMatchObject({ pending: [Later.name] });
    expect(await testbed.value(`to_regclass('public.later')`)).toBeNull();
  });

  it.each<[string, (tenant: DataSource) => Promise<unknown>]>([
    ['query', (tenant) => tenant.query('SELECT * FROM tenant_registry')],
    ['manager.query', (tenant) => tenant.manager.query('SELECT 1')],
    ['a transaction', (tenant) => tenant.transaction((manager) => manager.query('SELECT 1'))],
    ['a query runner', (tenant) => tenant.createQueryRunner().query('SELECT 1')],
    ['runMigrations', (tenant) => tenant.runMigrations()],
    ['synchronize', (tenant) => tenant.synchronize()],
  ])('has a tenant DataSource that refuses %s outside of a session', async (_, use) => {
    const { tenantSource } = await start(TenancyMigrationsModule.forRoot(options()));
    await expect(use(tenantSource)).rejects.toMatchObject({ code: 'TENANT_SESSION_REQUIRED' });
  });

  it('has one pool for each track, however many tenants there are', async () => {
    const { migrator, provisioning } = await start(TenancyMigrationsModule.forRoot(options({ poolSize: 3, applicationName: 'many tenants' })));
    let most = 0;
    migrator.events.subscribe(({ type }) => {
      if (type === 'step-applied') void connections('many tenants').then((count) => { most = Math.max(most, Number(count)); });
    });
    const names = Array.from({ length: 20 }, (_, index) => `many_${index}`);
    const born = await Promise.all(names.map((schema) => provisioning.provision({ schema })));
    expect(born.map(({ revision }) => revision)).toEqual(names.map(() => CreateNote.name));
    expect(most).toBeGreaterThan(0);
    expect(Math.max(most, Number(await connections('many tenants')))).toBeLessThanOrEqual(6);
  });

  it('closes both pools with the application', async () => {
    await start(TenancyMigrationsModule.forRoot(options({ applicationName: 'short-lived' })));
    expect(Number(await connections('short-lived'))).toBeGreaterThan(0);
    await started.pop()?.close();
    await eventually(async () => (await connections('short-lived')) === 0);
  });
});

describe('the provisioning service', () => {
  it('throws what kept a tenant from being born, and finishes it when it is called again', async () => {
    let broken = true;
    const Fragile = migration('Fragile', 2, (runner) => runner.query(broken ? 'SELECT 1 / 0' : 'SELECT 1'));
    const { provisioning } = await start(TenancyMigrationsModule.forRoot(options({ tenant: [CreateNote, Fragile] })));
    expect(await failureOf(provisioning.provision({ schema: 'fragile' }))).toBeInstanceOf(MigrationFailedError);
    broken = false;
    expect(await provisioning.provision({ schema: 'fragile' })).toMatchObject({ applied: [Fragile.name], apiKey: expect.any(String) });
  });

  it('replaces an API key', async () => {
    const { provisioning } = await start(TenancyMigrationsModule.forRoot(options()));
    const { apiKey } = await provisioning.provision({ schema: 'keyed' });
    expect(await provisioning.rotateApiKey('keyed')).not.toBe(apiKey);
  });
});

describe('a start that fails', () => {
  it('because of the options tells every problem', async () => {
    const wrong = { ...options(), poolSize: 0, colour: 'blue' };
    await expect(start(TenancyMigrationsModule.forRoot(wrong))).rejects.toMatchObject({
      code: 'INVALID_OPTIONS', problems: [expect.any(String), expect.any(String)],
    });
  });

  it('because of the login tells so at once, without silent retries', async () => {
    const url = Object.assign(new URL(testbed.database.url), { password: 'wrong' }).toString();
    const before = Date.now();
    await expect(start(TenancyMigrationsModule.forRoot({ ...options(), url }))).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(Date.now() - before).toBeLessThan(2000);
  });

  it('because of the migrations leaves no connection open', async () => {
    const twice = options({ tenant: [CreateNote, CreateNote], applicationName: 'twice' });
    await expect(start(TenancyMigrationsModule.forRoot(twice))).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await eventually(async () => (await connections('twice')) === 0, 1000);
  });
});
