import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateGlobalSetting1767312000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(new Table({
      name: 'global_setting',
      columns: [
        { name: 'key', type: 'varchar', length: '100', isPrimary: true },
        { name: 'value', type: 'jsonb' },
        { name: 'updated_at', type: 'timestamptz', default: 'now()' },
      ],
    }));
    await queryRunner.query(`INSERT INTO global_setting (key, value) VALUES ('sign_up.enabled', 'true'), ('default_country', '"CH"')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('global_setting');
  }
}
