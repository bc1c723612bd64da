import { createHash } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { openMigrator } from 'tenancy-migrations';
import slowV1 from './fixtures/slow/v1.config';
import type { KeyAnswer, ReportAnswer } from './support/answers';
import { Cli, documentOf, fixture, type Outcome } from './support/cli';
import { Kills, leftovers, undisturbed, type Revived } from './support/kills';
import { moments, seeds } from './support/seeds';
import { describePublic, describeTenant } from './support/structure';

/** How often each command is killed; the birth of a tenant is where logins differ most. */
const LOGINS = [
  { login: 'superuser', birth: seeds(2, 12), others: seeds(2, 12) },
  { login: 'createrole', birth: seeds(1, 6), others: seeds(0, 6) },
] as const;

const V2 = fixture('slow', 'v2.config.ts');

describe.each(LOGINS)('a command that is killed and run again, with a login that is $login', ({ login, birth, others }) => {
  let database: TestDatabase;
  let cli: Cli;
  let initialised: Outcome;
  beforeAll(async () => {
    database = await createTestDatabase({ login });
    cli = new Cli({ env: { DATABASE_URL: database.url, TENANCY_CONFIG: V2 } });
    initialised = await undisturbed(cli, 'init-public');
  });
  afterAll(async () => database.drop());

  it('init-tenant: leaves the tenant that an undisturbed run leaves, and its API key is not lost', async () => {
    const kills = new Kills(await undisturbed(cli, 'init-tenant', '--schema', 'newborn'));
    const expected = await describeTenant(database, 'newborn');
    for (const [index, moment] of moments(birth).entries()) {
      const schema = `newborn_${index}`;
      const revived = await kills.killAndFinish(cli, moment, 'init-tenant', '--schema', schema);
      expect(await describeTenant(database, schema)).toEqual(expected);
      expect(await leftovers(database)).toEqual([]);
      await expectKeyAtHand(schema, revived);
    }
    kills.tell(`init-tenant as ${login}`);
  });

  if (others.length > 0) {
    it('init-public: leaves the database that an undisturbed run leaves', async () => {
      const expected = await describePublic(database);
      const kills = new Kills(initialised);
      for (const moment of moments(others)) {
        const other = await createTestDatabase({ login });
        await kills.killAndFinish(cli.with({ env: { DATABASE_URL: other.url } }), moment, 'init-public');
        expect(await describePublic(other)).toEqual(expected);
        expect(await leftovers(other)).toEqual([]);
        await other.drop();
      }
      kills.tell(`init-public as ${login}`);
    });

    it('upgrade-tenant: leaves the tenant that an undisturbed run leaves', async () => {
      const tenants = ['grown', ...others.map((seed) => `grown_${seed}`)];
      await initAtV1(database, tenants);
      const kills = new Kills(await undisturbed(cli, 'upgrade-tenant', '--schema', 'grown'));
      const expected = await describeTenant(database, 'grown');
      for (const [index, moment] of moments(others).entries()) {
        const schema = `grown_${others[index]}`;
        await kills.killAndFinish(cli, moment, 'upgrade-tenant', '--schema', schema);
        expect(await describeTenant(database, schema)).toEqual(expected);
        expect(await leftovers(database)).toEqual([]);
      }
      kills.tell(`upgrade-tenant as ${login}`);
    });
  }

  /** Either the finishing run told it, or the killed run had made the tenant active; then a new one can be had. */
  async function expectKeyAtHand(schema: string, { report, before }: Revived): Promise<void> {
    const apiKey = report.apiKey ?? (before === '' ? await rotated(schema) : documentOf<ReportAnswer>(before).apiKey);
    const digest = createHash('sha256').update(String(apiKey)).digest('hex');
    expect(await database.query('SELECT status, api_key AS digest FROM public.tenant_registry WHERE schema_name = $1', [schema]))
      .toEqual([{ status: 'active', digest }]);
  }

  async function rotated(schema: string): Promise<string> {
    return (await cli.json<KeyAnswer>('rotate-api-key', '--schema', schema)).answer.apiKey;
  }
});

async function initAtV1(database: TestDatabase, schemas: readonly string[]): Promise<void> {
  const migrator = await openMigrator({ ...slowV1, url: database.url });
  for (const schema of schemas) expect((await migrator.initTenant({ schema })).error).toBeUndefined();
  await migrator.close();
}
