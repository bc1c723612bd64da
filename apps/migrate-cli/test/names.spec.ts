import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { openMigrator, parseSchemaName, type Migrator } from 'tenancy-migrations';
import type { FailureAnswer } from './support/answers';
import { Cli } from './support/cli';
import { random } from './support/seeds';

const BAD_NAMES = ['Demo', 'a-b', 'x"; DROP SCHEMA public; --', 'pg_evil', 'public', 'a'.repeat(64), '', 'démo', 'demo\n'];
const RANDOM_NAMES = 500;

describe('a name that is no name for a schema', () => {
  let database: TestDatabase;
  let migrator: Migrator;
  let cli: Cli;
  let before: unknown;
  beforeAll(async () => {
    database = await createTestDatabase();
    migrator = await openMigrator({ url: database.url, public: {}, tenant: {} });
    await migrator.initPublic();
    cli = new Cli({ env: { DATABASE_URL: database.url } });
    before = await everything();
  });
  afterAll(async () => {
    await migrator.close();
    await database.drop();
  });

  it.each(BAD_NAMES)('%j ends init-tenant with 64 and touches nothing', async (name) => {
    const { code, answer, stderr } = await cli.json<FailureAnswer>('init-tenant', `--schema=${name}`);
    expect(code).toBe(64);
    expect(answer).toMatchObject({ error: { code: 'INVALID_NAME' }, applied: [] });
    expect(answer.error.message).toContain(JSON.stringify(name));
    expect(stderr).toBe('');
    expect(await everything()).toEqual(before);
  });

  it('ends a command on a tenant that is there in the same way', async () => {
    const { code, answer } = await cli.json<FailureAnswer>('rotate-api-key', '--schema', `demo'; DROP SCHEMA public CASCADE; --`);
    expect(code).toBe(64);
    expect(answer).toMatchObject({ error: { code: 'INVALID_NAME' }, applied: [] });
    expect(await everything()).toEqual(before);
  });

  it(`is refused by the library as well: all of ${RANDOM_NAMES} random strings that are none`, async () => {
    const names = randomNames(RANDOM_NAMES).filter((name) => !isAccepted(name));
    expect(names.length).toBeGreaterThan(RANDOM_NAMES / 2);
    for (const name of names) await expect(migrator.initTenant({ schema: name })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect(await everything()).toEqual(before);
  });

  it('has one byte more than the longest that is born under its very name', async () => {
    const longest = 'z'.repeat(63);
    await expect(migrator.initTenant({ schema: `${longest}z` })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await migrator.initTenant({ schema: longest });
    expect(await database.query('SELECT nspname FROM pg_namespace WHERE nspname = $1', [longest])).toHaveLength(1);
  });

  /** What an accepted name would add to: schemas, tenants, roles of tenants; and roles of the bad names themselves. */
  async function everything(): Promise<unknown> {
    const [row] = await database.query(
      `SELECT (SELECT array_agg(nspname::text ORDER BY 1) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_') AS schemas,
              (SELECT count(*)::int FROM tenant_registry) AS tenants,
              (SELECT array_agg(rolname::text ORDER BY 1) FROM pg_roles, pg_database WHERE datname = current_database()
                  AND (rolname LIKE 'tm\\_' || pg_database.oid || '\\_%' OR rolname = ANY ($1))) AS roles`,
      [BAD_NAMES],
    );
    return row;
  }
});

function isAccepted(name: string): boolean {
  try {
    return parseSchemaName(name) === name;
  } catch {
    return false;
  }
}

/** Letters that would pass, now and then what would not: quotes, spaces, control characters, bytes beyond ASCII, reserved words, great lengths. */
function randomNames(count: number): string[] {
  const pieces = ['a', 'z', '_', '7', 'demo', 'public', 'pg_', 'A', '-', '"', `'`, ';', '\\', '$$', ' ', '\n', '\u0000', 'é', '😀', '\u0301', 'ſ', 'DROP', 'x'.repeat(30)];
  const next = random(20_260_101);
  const pick = (): string | undefined => pieces[Math.floor(next() * pieces.length)];
  return Array.from({ length: count }, () => Array.from({ length: Math.floor(next() * 6) }, pick).join(''));
}
