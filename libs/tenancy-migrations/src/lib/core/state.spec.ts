import type { MigrationInterface } from 'typeorm';
import type { KnownMigration } from './migrations';
import { planUpgrade } from './plan';
import { statusOf } from './report';
import { compare, type AppliedMigration, type TargetState } from './state';
import { ENGINE_TARGET, PUBLIC_TARGET, tenantTarget } from './targets';
import { parseSchemaName } from './names';

const TARGET = { track: 'tenant', schema: parseSchemaName('demo') } as const;

/** `a1` is a migration of the timestamp 1. */
function known(...names: string[]): KnownMigration[] {
  const create = (): MigrationInterface => ({ up: async () => undefined, down: async () => undefined });
  return applied(...names).map((migration) => ({ ...migration, transactional: true, create }));
}

function applied(...names: string[]): AppliedMigration[] {
  return names.map((name) => ({ name, timestamp: Number(name.slice(1)) }));
}

function stateOf(code: string[], history: string[]): TargetState {
  return compare(TARGET, known(...code), applied(...history));
}

describe('The state of a target, its status and its plan', () => {
  it.each([
    ['nothing known, nothing applied', [], [], { revision: null, head: null, upToDate: true, pending: [], missing: [], outOfOrder: [] }],
    ['a new schema', ['a1', 'b2'], [], { revision: null, head: 'b2', upToDate: false, pending: ['a1', 'b2'], missing: [], outOfOrder: [] }],
    ['up to date', ['a1', 'b2'], ['a1', 'b2'], { revision: 'b2', head: 'b2', upToDate: true, pending: [], missing: [], outOfOrder: [] }],
    ['half-way', ['a1', 'b2', 'c3'], ['a1'], { revision: 'a1', head: 'c3', upToDate: false, pending: ['b2', 'c3'], missing: [], outOfOrder: [] }],
    ['a gap below the revision', ['a1', 'b2', 'c3'], ['a1', 'c3'],
      { revision: 'c3', head: 'c3', upToDate: false, pending: ['b2'], missing: [], outOfOrder: ['b2'] }],
    ['a gap and a newer one', ['a1', 'b2', 'c3', 'd4'], ['c3'],
      { revision: 'c3', head: 'd4', upToDate: false, pending: ['a1', 'b2', 'd4'], missing: [], outOfOrder: ['a1', 'b2'] }],
    ['applied and unknown in code', ['b2'], ['a1', 'b2'],
      { revision: 'b2', head: 'b2', upToDate: true, pending: [], missing: ['a1'], outOfOrder: [] }],
    ['a database ahead of the code', ['a1'], ['a1', 'z9'],
      { revision: 'z9', head: 'a1', upToDate: true, pending: [], missing: ['z9'], outOfOrder: [] }],
    ['a revision unknown in code above pending ones', ['a1', 'b2'], ['z9'],
      { revision: 'z9', head: 'b2', upToDate: false, pending: ['a1', 'b2'], missing: ['z9'], outOfOrder: ['a1', 'b2'] }],
    ['the same timestamp twice', ['a1', 'b1'], ['a1'], { revision: 'a1', head: 'b1', upToDate: false, pending: ['b1'], missing: [], outOfOrder: [] }],
  ])('is told: %s', (_, code, history, expected) => {
    expect(statusOf(stateOf(code, history))).toEqual({ ...TARGET, applied: history, ...expected });
  });

  it('does not depend on the order in which the history is read, and leaves it alone', () => {
    const history = applied('c3', 'a1', 'b2');
    expect(statusOf(compare(TARGET, known('a1', 'b2', 'c3'), history)))
      .toMatchObject({ applied: ['a1', 'b2', 'c3'], revision: 'c3', upToDate: true });
    expect(history.map(({ name }) => name)).toEqual(['c3', 'a1', 'b2']);
  });

  it('takes the greatest timestamp as the revision, not the last row', () => {
    expect(stateOf(['a1', 'b2'], ['b2', 'a1']).revision).toBe('b2');
  });

  it('holds no key, role or lock of the target in its status', () => {
    expect(Object.keys(statusOf(stateOf(['a1'], [])))).toEqual(
      ['track', 'schema', 'revision', 'head', 'upToDate', 'applied', 'pending', 'missing', 'outOfOrder'],
    );
  });
});

describe('planUpgrade', () => {
  it('plans what is pending, oldest first', () => {
    const { target, steps, warnings } = planUpgrade(stateOf(['a1', 'b2', 'c3'], ['a1']));
    expect([target, steps.map(({ name }) => name), warnings]).toEqual([TARGET, ['b2', 'c3'], []]);
  });

  it('plans nothing where nothing is pending', () => {
    expect(planUpgrade(stateOf(['a1'], ['a1'])).steps).toEqual([]);
  });

  it('applies an older one out of order, and says so', () => {
    const { steps, warnings } = planUpgrade(stateOf(['a1', 'b2', 'c3'], ['b2']));
    expect(steps.map(({ name }) => name)).toEqual(['a1', 'c3']);
    expect(warnings).toEqual([expect.stringMatching(/^a1 is older than the revision b2 of "demo"/)]);
  });

  it('refuses an older one in strict order, naming it', () => {
    expect(() => planUpgrade(stateOf(['a1', 'b2', 'c3'], ['c3']), { strictOrder: true }))
      .toThrow(expect.objectContaining({ code: 'OUT_OF_ORDER', fields: { schema: 'demo', migrations: ['a1', 'b2'] } }));
    expect(planUpgrade(stateOf(['a1', 'b2'], ['a1']), { strictOrder: true }).steps).toHaveLength(1);
  });

  it('never lets a missing one block, and always says it', () => {
    const { steps, warnings } = planUpgrade(stateOf(['b2'], ['a1']), { strictOrder: true });
    expect(steps.map(({ name }) => name)).toEqual(['b2']);
    expect(warnings).toEqual([expect.stringMatching(/^a1 is applied to "demo" but unknown in code/)]);
  });
});

describe('Targets', () => {
  it('keep the library\'s own history apart from the product\'s, under one lock', () => {
    expect(ENGINE_TARGET.historyTable).not.toBe(PUBLIC_TARGET.historyTable);
    expect([ENGINE_TARGET.lockKey, PUBLIC_TARGET.lockKey]).toEqual([0, 0]);
  });

  it('of tenants are locked by id, so that a name that comes back locks nobody else', () => {
    const schema = parseSchemaName('demo');
    const [old, young] = [tenantTarget({ id: 7, schema, role: 'tm_1_7' }), tenantTarget({ id: 8, schema, role: 'tm_1_8' })];
    expect([old.lockKey, young.lockKey]).toEqual([7, 8]);
    expect(old).toMatchObject({ track: 'tenant', schema: 'demo', tenantId: 7, role: 'tm_1_7', historyTable: 'migrations', journaled: true });
  });
});
