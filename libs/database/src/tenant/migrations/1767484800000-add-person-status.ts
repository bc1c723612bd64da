import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddPersonStatus1767484800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TYPE person_status AS ENUM ('invited', 'active', 'left')`);
    await queryRunner.query(`ALTER TABLE person ADD COLUMN status person_status NOT NULL DEFAULT 'active'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE person DROP COLUMN status');
    await queryRunner.query('DROP TYPE person_status');
  }
}
