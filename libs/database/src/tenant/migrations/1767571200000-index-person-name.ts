import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

export class IndexPersonName1767571200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createIndex('person', new TableIndex({ name: 'person_name_idx', columnNames: ['last_name', 'first_name'] }));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('person', 'person_name_idx');
  }
}
