import { createHash } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { openMigrator } from 'tenancy-migrations';
import slowV1 from './fixtures/slow/v1.config';
import type { KeyAnswer, ReportAnswer } from './support/answers';
import { Cli, fixture } from './support/cli';
import { Kills, leftovers, type Revived } from './support/kills';
import { moments, seeds } from './support/seeds';
import { describePublic, describeTenant } from './support/structure';

/** How often each command is killed. */
const LOGINS = [['superuser', seeds(2, 12)], ['createrole', seeds(1, 6)]] as const;

const V2 = fixture('slow', 'v2.config.ts');
const PUBLIC_MIGRATIONS = 2;
const TENANT_MIGRATIONS = 5;
const NEW_IN_V2 = 3;

describe.each(LOGINS)('a command that is killed and run again, with a login that is %s', (login, all) => {
  let database: TestDatabase;
  let cli: Cli;
  let wholeMs: number;
  beforeAll(async () => {
    database = await createTestDatabase({ login });
    cli = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: V2 } });
    wholeMs = await undisturbed(cli, 'init-public');
  });
  afterAll(async () => database.drop());

  it('init-public: leaves the database that an undisturbed run leaves', async () => {
    const expected = await describePublic(database);
    const kills = new Kills(wholeMs, PUBLIC_MIGRATIONS);
    for (const moment of moments(all)) {
      const other = await createTestDatabase({ login });
      await kills.killAndFinish(cli.with({ env: { DATABASE_URL: other.url } }), moment, 'init-public');
      expect(await describePublic(other)).toEqual(expected);
      expect(await leftovers(other)).toEqual([]);
      await other.drop();
    }
    kills.tell(`init-public as ${login}`);
  });

  it('init-tenant: leaves the tenant that an undisturbed run leaves, and its API key is not lost', async () => {
    const kills = new Kills(await undisturbed(cli, 'init-tenant', '--schema', 'newborn'), TENANT_MIGRATIONS);
    const expected = await describeTenant(database, 'newborn');
    for (const [index, moment] of moments(all).entries()) {
      const schema = `newborn_${index}`;
      const revived = await kills.killAndFinish(cli, moment, 'init-tenant', '--schema', schema);
      expect(await describeTenant(database, schema)).toEqual(expected);
      expect(await leftovers(database)).toEqual([]);
      await expectKeyAtHand(schema, revived);
    }
    kills.tell(`init-tenant as ${login}`);
  });

  it('upgrade-tenant: leaves the tenant that an undisturbed run leaves', async () => {
    const tenants = ['grown', ...all.map((seed) => `grown_${seed}`)];
    await initAtV1(database, tenants);
    const kills = new Kills(await undisturbed(cli, 'upgrade-tenant', '--schema', 'grown'), NEW_IN_V2);
    const expected = await describeTenant(database, 'grown');
    for (const [index, moment] of moments(all).entries()) {
      const schema = `grown_${all[index]}`;
      await kills.killAndFinish(cli, moment, 'upgrade-tenant', '--schema', schema);
      expect(await describeTenant(database, schema)).toEqual(expected);
      expect(await leftovers(database)).toEqual([]);
    }
    kills.tell(`upgrade-tenant as ${login}`);
  });

  /** Either the finishing run told it, or the killed run had made the tenant active; then a new one can be had. */
  async function expectKeyAtHand(schema: string, { report, before }: Revived): Promise<void> {
    const apiKey = report.apiKey ?? (before === '' ? await rotated(schema) : (JSON.parse(before) as ReportAnswer).apiKey);
    const digest = createHash('sha256').update(String(apiKey)).digest('hex');
    expect(await database.query('SELECT status, api_key AS digest FROM public.tenant_registry WHERE schema_name = $1', [schema]))
      .toEqual([{ status: 'active', digest }]);
  }

  async function rotated(schema: string): Promise<string> {
    return (await cli.json<KeyAnswer>('rotate-api-key', '--schema', schema)).answer.apiKey;
  }
});

async function undisturbed(cli: Cli, ...args: readonly string[]): Promise<number> {
  const { code, durationMs, stderr } = await cli.run(...args);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return durationMs;
}

async function initAtV1(database: TestDatabase, schemas: readonly string[]): Promise<void> {
  const migrator = await openMigrator({ ...slowV1, url: database.url });
  for (const schema of schemas) expect((await migrator.initTenant({ schema })).error).toBeUndefined();
  await migrator.close();
}
