import type { MigrationInterface } from 'typeorm';
import { InvalidOptionsError } from './errors';
import { byTimestamp, knownMigrations } from './migrations';

class Base implements MigrationInterface {
  async up(): Promise<void> {}
  async down(): Promise<void> {}
}

class Second1700000000002 extends Base {}
class First1700000000001 extends Base {}
class Also1700000000002 extends Base {}
class Concurrent1700000000003 extends Base {
  readonly transaction = false;
}
class Explicit1700000000004 extends Base {
  readonly transaction = true;
}
class Renamed extends Base {
  readonly name = 'Named1700000000005';
}
class NoTimestamp extends Base {}
class Short170000000000 extends Base {}
class Zero0000000000000 extends Base {}
class Inside1700000000001Not extends Base {}

describe('knownMigrations', () => {
  it('reads name and timestamp of each class, oldest first and then by name', () => {
    const known = knownMigrations('tenant', [new Second1700000000002(), new Also1700000000002(), new First1700000000001()]);
    expect(known.map(({ name, timestamp }) => [name, timestamp])).toEqual([
      ['First1700000000001', 1700000000001], ['Also1700000000002', 1700000000002], ['Second1700000000002', 1700000000002],
    ]);
  });

  it('prefers the name property, as TypeORM does', () => {
    expect(knownMigrations('tenant', [new Renamed()])[0]).toMatchObject({ name: 'Named1700000000005', timestamp: 1700000000005 });
  });

  it.each([[new First1700000000001(), true], [new Explicit1700000000004(), true], [new Concurrent1700000000003(), false]])(
    'takes %p as transactional unless it says transaction = false', (instance, transactional) => {
      expect(knownMigrations('tenant', [instance])[0]?.transactional).toBe(transactional);
    });

  it('makes a fresh instance for each run', () => {
    const given = new First1700000000001();
    const [known] = knownMigrations('tenant', [given]);
    const instances = [known?.create(), known?.create()];
    expect(new Set([given, ...instances]).size).toBe(3);
    expect(instances.every((instance) => instance instanceof First1700000000001)).toBe(true);
  });

  it.each([
    new NoTimestamp(), new Short170000000000(), new Zero0000000000000(), new Inside1700000000001Not(),
  ])('refuses %p, whose name does not end in a timestamp', (instance) => {
    expect(() => knownMigrations('tenant', [instance])).toThrow(/tenant migration .* 13-digit timestamp/);
  });

  it('refuses names that occur twice, and lists every problem at once', () => {
    const twice = [new First1700000000001(), new First1700000000001(), new First1700000000001(), new NoTimestamp(), new Short170000000000()];
    expect(() => knownMigrations('public', twice)).toThrow(expect.objectContaining({
      problems: [
        expect.stringContaining('NoTimestamp'), expect.stringContaining('Short170000000000'), 'public migration First1700000000001 occurs twice',
      ],
    }));
    expect(() => knownMigrations('public', twice)).toThrow(InvalidOptionsError);
  });

  it('knows of nothing where there is nothing', () => {
    expect(knownMigrations('tenant', [])).toEqual([]);
  });
});

describe('byTimestamp', () => {
  it('orders by timestamp, then by name as code units', () => {
    const names = [['b', 2], ['a', 2], ['B', 2], ['z', 1]].map(([name, timestamp]) => ({ name: String(name), timestamp: Number(timestamp) }));
    expect(names.sort(byTimestamp).map(({ name }) => name).join('')).toBe('zBab');
    expect(byTimestamp({ name: 'a', timestamp: 1 }, { name: 'a', timestamp: 1 })).toBe(0);
  });
});
