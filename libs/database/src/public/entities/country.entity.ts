import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A country: reference data that every tenant may read and refer to. */
@Entity('country')
export class Country {
  /** ISO 3166-1 alpha-2. */
  @PrimaryColumn({ type: 'char', length: 2 })
  code!: string;

  @Column({ type: 'varchar', length: 100 })
  name!: string;
}
