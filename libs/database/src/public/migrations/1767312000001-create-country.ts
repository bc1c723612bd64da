import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCountry1767312000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE country (code char(2) PRIMARY KEY, name varchar(100) NOT NULL)');
    await queryRunner.query(`
      INSERT INTO country (code, name)
      VALUES ('AT', 'Austria'), ('BR', 'Brazil'), ('CH', 'Switzerland'), ('DE', 'Germany'), ('FR', 'France'), ('IN', 'India'), ('JP', 'Japan'),
             ('KE', 'Kenya'), ('US', 'United States')`);
    // What tenants may do with the shared table: read it, and point a foreign key at it.
    await queryRunner.query('GRANT SELECT, REFERENCES ON country TO PUBLIC');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE country');
  }
}
