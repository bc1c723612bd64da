import type { DataSource, QueryRunner } from 'typeorm';
import type { RdbmsSchemaBuilder } from 'typeorm/schema-builder/RdbmsSchemaBuilder';
import { RefusedStatementError } from '../core/errors';
import type { GuardedClient } from './guarded-client';

/**
 * A QueryRunner that belongs to one schema and one connection, while the DataSource and its pool stay shared.
 *
 * TypeORM's helpers fill a missing schema from `driver.schema` and leave out the qualifier where it equals `driver.searchSchema`; neither
 * follows the live `search_path`. So the runner gets a view of the driver, and of the DataSource, in which both are the target's schema:
 * objects with the shared ones as prototypes, which makes them free, and safe for many tenants at once.
 *
 * Every way that a migration has to the database (`queryRunner`, its `manager`, its `connection.query`) leads to this one connection;
 * a second runner is refused, since it would act outside of the step's transaction, role and schema.
 */
export function bindQueryRunner(dataSource: DataSource, schema: string, client: GuardedClient): QueryRunner {
  const driver = derive(dataSource.driver, {
    schema,
    searchSchema: schema,
    connectedQueryRunners: [],
    master: undefined,
    obtainMasterConnection: async () => [client, () => undefined],
    obtainSlaveConnection: async () => [client, () => undefined],
  });
  const view = derive(dataSource, { driver });
  // TypeORM 1 calls it `dataSource`, 0.3 `connection`.
  Object.assign(driver, { ['dataSource' in driver ? 'dataSource' : 'connection']: view });
  const runner = view.createQueryRunner();
  Object.assign(view, { manager: runner.manager, query: runner.query.bind(runner), createQueryRunner: () => client.refuse(secondRunner()) });
  return runner;
}

function derive<T extends object>(prototype: T, own: Record<string, unknown>): T {
  return Object.assign(Object.create(prototype) as T, own);
}

function secondRunner(): RefusedStatementError {
  return new RefusedStatementError(
    'createQueryRunner()',
    'a second connection would act outside of the step\'s transaction, role and schema',
    'Use the QueryRunner that up() is given.',
  );
}

/**
 * Makes TypeORM's table of views and generated columns in the runner's schema, when the track's entities have any; as TypeORM's own executor
 * does before migrations.
 */
export async function ensureMetadataTable(runner: QueryRunner): Promise<void> {
  const { driver } = (runner as unknown as { dataSource?: DataSource }).dataSource ?? runner.connection;
  await (driver.createSchemaBuilder() as RdbmsSchemaBuilder).createMetadataTableIfNecessary(runner);
}
