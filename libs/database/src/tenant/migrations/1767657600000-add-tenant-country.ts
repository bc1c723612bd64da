import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A foreign key to the shared table: `public` is not on a tenant's search path, so its tables are always named in full. */
export class AddTenantCountry1767657600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE tenant ADD COLUMN country_code char(2)');
    await queryRunner.query(
      'ALTER TABLE tenant ADD CONSTRAINT tenant_country_fk FOREIGN KEY (country_code) REFERENCES public.country (code)',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE tenant DROP COLUMN country_code');
  }
}
