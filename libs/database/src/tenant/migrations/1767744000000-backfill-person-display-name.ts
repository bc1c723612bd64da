import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Add, fill, then tighten: the rows that are there already get a value before the column must have one. */
export class BackfillPersonDisplayName1767744000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE person ADD COLUMN display_name varchar(201)');
    await queryRunner.query(`UPDATE person SET display_name = first_name || ' ' || last_name WHERE display_name IS NULL`);
    await queryRunner.query('ALTER TABLE person ALTER COLUMN display_name SET NOT NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE person DROP COLUMN display_name');
  }
}
