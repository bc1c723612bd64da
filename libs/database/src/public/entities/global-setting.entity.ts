import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** A setting of the whole installation. */
@Entity('global_setting')
export class GlobalSetting {
  @PrimaryColumn({ type: 'varchar', length: 100 })
  key!: string;

  @Column({ type: 'jsonb' })
  value!: unknown;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}
