import type { MigrationInterface, QueryRunner } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

/** SQL, or what to do with the QueryRunner. */
export type Action = string | ((queryRunner: QueryRunner) => Promise<unknown>);

/** A migration class called `<name>1700000000<place>`; `place`, 0 to 999, orders it in its track. */
export function migration(name: string, place: number, ...actions: readonly Action[]): MigrationClass {
  return define(name, place, actions, undefined);
}

/** The same with `transaction = false`. */
export function nonTransactional(name: string, place: number, ...actions: readonly Action[]): MigrationClass {
  return define(name, place, actions, false);
}

function define(name: string, place: number, actions: readonly Action[], transaction: false | undefined): MigrationClass {
  const defined = class implements MigrationInterface {
    readonly transaction = transaction;

    async up(queryRunner: QueryRunner): Promise<void> {
      for (const action of actions) await (typeof action === 'string' ? queryRunner.query(action) : action(queryRunner));
    }

    async down(): Promise<void> {}
  };
  Object.defineProperty(defined, 'name', { value: `${name}${1_700_000_000_000 + place}` });
  return defined;
}

/** What most tests' tenants begin with: `CreateNote1700000000001`, a table with a sequence. */
export const CreateNote = migration('CreateNote', 1, 'CREATE TABLE note (id serial PRIMARY KEY, text text)');
