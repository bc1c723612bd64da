export { TenancyMigrationsModule } from './lib/tenancy-migrations.module';
export { Migrator, openMigrator } from './lib/migrator';
export { TenantProvisioningService, type ProvisionedTenant } from './lib/tenant-provisioning.service';
export { parseProduct } from './lib/options';
export type { ClassOrGlob, Isolation, ProductOptions, TenancyMigrationsOptions, TrackOptions } from './lib/options';
export type { RunOptions } from './lib/runner';
export type { TenantRequest } from './lib/provisioning/birth';
export type { Tenant, TenantStatus } from './lib/registry/tenant-registry';
export type { DryRun, DryRunOptions } from './lib/dry-run/dry-run';
export type { RecordedStep } from './lib/dry-run/recording';
export type { PlanOptions } from './lib/core/plan';
export type { PublicReport, PublicStatus, TargetReport, TargetStatus, TenantReport } from './lib/core/report';
export type { Track } from './lib/core/targets';
export { TenancyEvents, type TenancyEvent, type TenancyListener } from './lib/core/events';
export { parseSchemaName, type SchemaName } from './lib/core/names';
export {
  DatabaseAccessError,
  DirectConnectionRequiredError,
  DomainTakenError,
  DuplicateHistoryError,
  ExtensionUnavailableError,
  InvalidNameError,
  InvalidOptionsError,
  InvalidTenantError,
  IsolationViolationError,
  LockedError,
  MigrationFailedError,
  OutOfOrderError,
  PublicTrackBehindError,
  RefusedStatementError,
  RoleExistsError,
  SchemaMissingError,
  StoppedError,
  TenancyError,
  TenantDiffersError,
  TenantNotActiveError,
  TenantSessionRequiredError,
  UnknownTenantError,
  UnregisteredSchemaError,
  type ErrorFields,
  type LockHolder,
  type StepPlace,
} from './lib/core/errors';
