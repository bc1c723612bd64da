import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The registry of tenants. `api_key` holds the SHA-256 digest of the key, never the key. */
export class CreateTenantRegistry1767225600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE public.tenant_registry (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_name varchar(255) NOT NULL,
        domain varchar(255) UNIQUE,
        schema_name varchar(63) NOT NULL UNIQUE,
        api_key varchar(255) UNIQUE,
        status varchar(20) NOT NULL DEFAULT 'provisioning'
          CHECK (status IN ('provisioning', 'active', 'failed', 'suspended', 'archived')),
        is_active boolean NOT NULL GENERATED ALWAYS AS (status = 'active') STORED,
        role_name varchar(63),
        revision varchar(255),
        revision_timestamp bigint,
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`COMMENT ON COLUMN public.tenant_registry.api_key IS 'SHA-256 of the key, hexadecimal'`);
    await queryRunner.query(`COMMENT ON COLUMN public.tenant_registry.revision IS 'copy of the schema''s own history, written with each step'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE public.tenant_registry');
  }
}
