import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer, ReportAnswer, StatusAnswer } from './support/answers';
import { Cli, documentOf, fixture } from './support/cli';
import { seeds } from './support/seeds';
import { describePublic, describeTenant } from './support/structure';

/** The first half of the library's advisory locks, ASCII "tncy"; the second is the tenant's id, or 0 for the public track. */
const LOCKS = 0x746e6379;

let database: TestDatabase;
let cli: Cli;
beforeAll(async () => {
  database = await createTestDatabase({ login: 'createrole' });
  cli = connectedTo(database);
  expect((await cli.run('init-public')).code).toBe(0);
});
afterAll(async () => database.drop());

function connectedTo({ url }: TestDatabase): Cli {
  return new Cli({ env: { DATABASE_URL: url, TENANCY_CONFIG: fixture('slow', 'v2.config.ts') } });
}

/** Starts a command several times at once and reads what each had to say. */
async function atOnce(program: Cli, times: number, ...args: readonly string[]): Promise<{ code: number | null; answer: ReportAnswer }[]> {
  const outcomes = await Promise.all(Array.from({ length: times }, () => program.run(...args, '--json')));
  return outcomes.map(({ code, stdout }) => ({ code, answer: documentOf<ReportAnswer>(stdout) }));
}

function sortedApplied(answers: readonly { readonly answer: ReportAnswer }[]): string[] {
  return answers.flatMap(({ answer }) => answer.applied).sort();
}

describe('two processes that initialise the same tenant at once', () => {
  it.each(seeds(3, 10))('make one tenant and one API key, and apply each migration once (round %i)', async (round) => {
    const schema = `twin_${round}`;
    const runs = await atOnce(cli, 2, 'init-tenant', '--schema', schema);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.filter(({ answer }) => answer.apiKey !== undefined)).toHaveLength(1);

    const history = await database.query<{ name: string }>(`SELECT name FROM ${schema}.migrations ORDER BY name`);
    expect(history).toHaveLength(5);
    expect(sortedApplied(runs)).toEqual(history.map(({ name }) => name).sort());
    expect(await database.query('SELECT status FROM tenant_registry WHERE schema_name = $1', [schema])).toEqual([{ status: 'active' }]);
    expect(await describeTenant(database, schema)).toEqual(await describeTenant(database, 'twin_1'));
  });
});

describe('three processes that initialise an empty database at once', () => {
  it.each(seeds(1, 5))('all succeed, and apply each migration once (round %i)', async () => {
    const other = await createTestDatabase({ login: 'createrole' });
    const runs = await atOnce(connectedTo(other), 3, 'init-public');
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(sortedApplied(runs)).toEqual(['CreateNotice1700000000002', 'CreatePlan1700000000001']);
    expect(await describePublic(other)).toEqual(await describePublic(database));
    await other.drop();
  });
});

describe('a tenant that another run holds', () => {
  beforeAll(async () => {
    expect((await cli.run('init-tenant', '--schema', 'held', '--config', fixture('slow', 'v1.config.ts'))).code).toBe(0);
    const [tenant] = await database.query<{ id: number }>("SELECT id FROM tenant_registry WHERE schema_name = 'held'");
    const holder = await database.client();
    await holder.query('SELECT pg_advisory_lock_shared($1, 0), pg_advisory_lock($1, $2)', [LOCKS, tenant?.id]);
  });

  it('ends its own upgrade with 5 after --lock-wait, naming the holder, with nothing applied', async () => {
    const { code, answer, stderr, durationMs } = await cli.json<FailureAnswer>('upgrade-tenant', '--schema', 'held', '--lock-wait', '1');
    expect(code).toBe(5);
    expect(answer).toMatchObject({ error: { code: 'LOCKED', schema: 'held', pid: expect.any(Number), since: expect.any(String) }, applied: [] });
    expect(answer.error.remedy).toContain('--lock-wait');
    expect(stderr).toContain('held: waiting for another run');
    expect(durationMs).toBeGreaterThan(1000);
    expect(durationMs).toBeLessThan(20_000);
  });

  it('is still told by status, which takes no lock', async () => {
    const { code, answer } = await cli.json<StatusAnswer>('status', '--schema', 'held');
    expect(code).toBe(0);
    expect(answer.pending).toHaveLength(3);
  });

  it('keeps no other tenant waiting', async () => {
    const { code, answer, stderr } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'free', '--lock-wait', '0');
    expect(code).toBe(0);
    expect(answer.applied).toHaveLength(5);
    expect(stderr).not.toContain('waiting');
  });

  it('keeps the public track from moving under it', async () => {
    const { code, answer } = await cli.json<FailureAnswer>('init-public', '--lock-wait', '0.2');
    expect(code).toBe(5);
    expect(answer).toMatchObject({ error: { code: 'LOCKED', schema: 'public' }, applied: [] });
  });
});
