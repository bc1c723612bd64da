import { Column, CreateDateColumn, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { TenantProfile } from './tenant-profile.entity';

/** Where a person stands. */
export enum PersonStatus {
  Invited = 'invited',
  Active = 'active',
  Left = 'left',
}

/** Somebody who belongs to a tenant. */
@Entity('person')
export class Person {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ name: 'tenant_id', type: 'int' })
  tenantId!: number;

  @ManyToOne(() => TenantProfile)
  @JoinColumn({ name: 'tenant_id' })
  tenant!: Relation<TenantProfile>;

  @Column({ name: 'first_name', type: 'varchar', length: 100 })
  firstName!: string;

  @Column({ name: 'last_name', type: 'varchar', length: 100 })
  lastName!: string;

  @Column({ name: 'display_name', type: 'varchar', length: 201 })
  displayName!: string;

  @Column({ type: 'citext', nullable: true })
  email!: string | null;

  @Column({ type: 'varchar', length: 20, nullable: true })
  phone!: string | null;

  @Column({ type: 'enum', enum: PersonStatus, enumName: 'person_status', default: PersonStatus.Active })
  status!: PersonStatus;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
