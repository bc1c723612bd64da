import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The step journal: one row for each outcome of a step; of a step without a transaction, one for its start and for each index statement, too. */
export class CreateMigrationStep1767225600001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE public.migration_step (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        track varchar(10) NOT NULL CHECK (track IN ('public', 'tenant')),
        schema_name varchar(63) NOT NULL,
        tenant_id integer,
        migration varchar(255) NOT NULL,
        transactional boolean NOT NULL,
        statement text,
        outcome varchar(10) NOT NULL CHECK (outcome IN ('started', 'applied', 'failed')),
        started_at timestamptz NOT NULL,
        duration_ms integer NOT NULL,
        statements integer NOT NULL,
        attempts integer NOT NULL,
        error_code varchar(40),
        sql_state varchar(5),
        error_message text,
        actor varchar(255) NOT NULL,
        host varchar(255) NOT NULL,
        pid integer NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX migration_step_target_idx ON public.migration_step (tenant_id, migration, id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE public.migration_step');
  }
}
