import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Built without blocking writers, hence outside of a transaction; such a migration holds this one statement and nothing else. */
export class IndexPersonEmail1767830400000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX CONCURRENTLY person_email_idx ON person (email)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX CONCURRENTLY person_email_idx');
  }
}
