import type { MigrationInterface } from 'typeorm';
import { InvalidOptionsError } from './errors';

/** A migration of a track, as the code knows it. */
export interface KnownMigration {
  /** The class name with its 13-digit suffix: the identity of a migration, in TypeORM's history too. */
  readonly name: string;
  /** The suffix, milliseconds since 1970: the order of a track. */
  readonly timestamp: number;
  /** False when the class says `transaction = false`. */
  readonly transactional: boolean;
  /** A fresh instance, so that no state of one target's run reaches another's. */
  create(): MigrationInterface;
}

/**
 * Reads a track's migrations, oldest first.
 *
 * @throws InvalidOptionsError naming every class without a 13-digit timestamp and every name that occurs twice
 */
export function knownMigrations(track: string, instances: readonly MigrationInterface[]): readonly KnownMigration[] {
  const known = instances.map(describe);
  const problems = [
    ...known.filter(({ timestamp }) => !(timestamp > 0)).map(({ name }) => `${track} migration ${name} does not end in a 13-digit timestamp`),
    ...duplicates(known.map(({ name }) => name)).map((name) => `${track} migration ${name} occurs twice`),
  ];
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return known.sort(byTimestamp);
}

/** The order of a track: by timestamp, then by name. */
export function byTimestamp(a: { timestamp: number; name: string }, b: { timestamp: number; name: string }): number {
  return a.timestamp - b.timestamp || (a.name < b.name ? -1 : Number(a.name > b.name));
}

function describe(instance: MigrationInterface): KnownMigration {
  const constructor = instance.constructor as new () => MigrationInterface;
  const name = instance.name ?? constructor.name;
  const suffix = /\d{13}$/.exec(name)?.[0];
  return {
    name,
    timestamp: suffix === undefined ? Number.NaN : Number(suffix),
    transactional: instance.transaction !== false,
    create: () => new constructor(),
  };
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
