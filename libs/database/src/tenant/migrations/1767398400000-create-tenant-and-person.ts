import { Table, TableForeignKey, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreateTenantAndPerson1767398400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(new Table({
      name: 'tenant',
      columns: [
        { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'identity' },
        { name: 'name', type: 'varchar', length: '255' },
        { name: 'description', type: 'text', isNullable: true },
        { name: 'settings', type: 'jsonb', isNullable: true },
        { name: 'created_at', type: 'timestamptz', default: 'now()' },
      ],
    }));
    await queryRunner.createTable(new Table({
      name: 'person',
      columns: [
        { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'identity' },
        { name: 'tenant_id', type: 'int' },
        { name: 'first_name', type: 'varchar', length: '100' },
        { name: 'last_name', type: 'varchar', length: '100' },
        { name: 'email', type: 'citext', isNullable: true },
        { name: 'phone', type: 'varchar', length: '20', isNullable: true },
        { name: 'created_at', type: 'timestamptz', default: 'now()' },
      ],
    }));
    await queryRunner.createForeignKey('person', new TableForeignKey({
      name: 'person_tenant_fk', columnNames: ['tenant_id'], referencedTableName: 'tenant', referencedColumnNames: ['id'],
    }));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('person');
    await queryRunner.dropTable('tenant');
  }
}
