import { knownMigrations, type KnownMigration } from '../../core/migrations';
import { CreateTenantRegistry1767225600000 } from './1767225600000-create-tenant-registry';
import { CreateMigrationStep1767225600001 } from './1767225600001-create-migration-step';

/** The migrations of the library's own tables; applied before the product's public ones, whatever the config. */
export const ENGINE_MIGRATIONS: readonly KnownMigration[] = knownMigrations('engine', [
  new CreateTenantRegistry1767225600000(),
  new CreateMigrationStep1767225600001(),
]);
