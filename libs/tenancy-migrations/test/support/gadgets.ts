import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryGeneratedColumn, ViewColumn, ViewEntity } from 'typeorm';

/** Entities of a tenant, for migrations that work with rows by TypeORM. */
@Entity('maker')
export class Maker {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('citext')
  name!: string;

  @OneToMany(() => Gadget, (gadget) => gadget.maker, { cascade: true })
  gadgets!: Gadget[];
}

@Entity('gadget')
export class Gadget {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column('text')
  label!: string;

  @Column({ type: 'enum', enum: ['new', 'used'], enumName: 'gadget_state', default: 'new' })
  state!: 'new' | 'used';

  @ManyToOne(() => Maker, (maker) => maker.gadgets, { lazy: true })
  @JoinColumn({ name: 'maker_id' })
  maker!: Promise<Maker>;
}

/** What makes TypeORM keep a table `typeorm_metadata` beside the history. */
@Entity('priced')
export class Priced {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column('int')
  net!: number;

  @Column({ type: 'int', generatedType: 'STORED', asExpression: 'net * 2' })
  gross!: number;
}

@ViewEntity({ name: 'expensive', expression: 'SELECT id, gross FROM priced WHERE gross > 100' })
export class Expensive {
  @ViewColumn()
  id!: number;

  @ViewColumn()
  gross!: number;
}
