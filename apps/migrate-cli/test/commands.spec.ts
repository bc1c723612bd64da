import { createHash } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { DryRunAnswer, FailureAnswer, KeyAnswer, ReportAnswer, StatusAnswer } from './support/answers';
import { Cli } from './support/cli';

const PUBLIC = ['CreateGlobalSetting1767312000000', 'CreateCountry1767312000001'];
const TENANT = [
  'CreateTenantAndPerson1767398400000', 'AddPersonStatus1767484800000', 'IndexPersonName1767571200000',
  'AddTenantCountry1767657600000', 'BackfillPersonDisplayName1767744000000', 'IndexPersonEmail1767830400000',
];
const SETTLED = { upToDate: true, pending: [], missing: [], outOfOrder: [] };

/** In the order of a product's life: each test finds what those before it made. */
describe('the commands, on the sample product', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    cli = new Cli({ env: { DATABASE_URL: database.url } });
  });
  afterAll(async () => database.drop());

  describe('in an empty database', () => {
    it('status-public says that everything is pending, and --check exits with 2', async () => {
      const { code, answer } = await cli.json<StatusAnswer>('status-public', '--check');
      expect(code).toBe(2);
      expect(answer).toEqual({
        track: 'public', schema: 'public', revision: null, head: PUBLIC[1], upToDate: false, applied: [], pending: PUBLIC, missing: [], outOfOrder: [],
        libraryPending: ['CreateTenantRegistry1767225600000', 'CreateMigrationStep1767225600001'],
      });
    });

    it.each([['upgrade-public'], ['init-tenant', '--schema', 'demo'], ['status', '--schema', 'demo']])(
      '%s %s %s fails and names the command to run first', async (...command) => {
        const { code, answer } = await cli.json<FailureAnswer>(...command);
        expect(code).toBe(1);
        expect(answer).toMatchObject({ error: { code: 'PUBLIC_TRACK_BEHIND', remedy: 'Run init-public first.' }, applied: [] });
      });
  });

  describe('the public track', () => {
    it('init-public --dry-run lists the steps and changes nothing', async () => {
      const { code, answer } = await cli.json<DryRunAnswer>('init-public', '--dry-run');
      expect(code).toBe(0);
      expect(answer.steps.map(({ migration }) => migration)).toEqual(expect.arrayContaining(PUBLIC));
      expect(await database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    });

    it('init-public brings it to head, telling what it applied on stdout and its steps on stderr', async () => {
      const { code, answer, stderr } = await cli.json<ReportAnswer>('init-public');
      expect(code).toBe(0);
      expect(answer).toMatchObject({ schema: 'public', revision: PUBLIC[1], durationMs: expect.any(Number) });
      expect(answer.applied).toEqual(expect.arrayContaining(PUBLIC));
      expect(stderr).toContain('CreateCountry1767312000001 applied');
    });

    it('init-public and upgrade-public apply nothing to a track at head', async () => {
      for (const command of ['init-public', 'upgrade-public']) {
        const { code, answer } = await cli.json<ReportAnswer>(command);
        expect(code).toBe(0);
        expect(answer).toMatchObject({ schema: 'public', revision: PUBLIC[1], applied: [], durationMs: expect.any(Number) });
      }
    });

    it('status-public --check exits with 0 at head', async () => {
      const { code, answer } = await cli.json<StatusAnswer>('status-public', '--check');
      expect(code).toBe(0);
      expect(answer).toEqual({ track: 'public', schema: 'public', revision: PUBLIC[1], head: PUBLIC[1], applied: PUBLIC, ...SETTLED, libraryPending: [] });
    });
  });

  describe('a tenant', () => {
    let apiKey: string | undefined;

    it.each(['status', 'upgrade-tenant'])('is unknown to %s before it is born', async (command) => {
      const { code, answer } = await cli.json<FailureAnswer>(command, '--schema', 'demo');
      expect(code).toBe(1);
      expect(answer).toMatchObject({ error: { code: 'UNKNOWN_TENANT', schema: 'demo' }, applied: [] });
      expect(answer.error.message).toContain(answer.error.remedy);
    });

    it('is born by init-tenant with the API key whose digest the registry keeps', async () => {
      const { code, answer } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'demo', '--name', 'Démo & Söhne', '--domain', 'demo.example');
      ({ apiKey } = answer);
      expect(code).toBe(0);
      expect(answer).toMatchObject({ schema: 'demo', revision: TENANT.at(-1), applied: TENANT, apiKey: expect.any(String), durationMs: expect.any(Number) });
      expect(await registered('demo')).toEqual({ name: 'Démo & Söhne', domain: 'demo.example', status: 'active', digest: digestOf(answer.apiKey) });
    });

    it('is told its key once: a second init-tenant does nothing and has no key', async () => {
      const { code, answer } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'demo');
      expect(code).toBe(0);
      expect(answer).toMatchObject({ schema: 'demo', revision: TENANT.at(-1), applied: [] });
      expect(answer).not.toHaveProperty('apiKey');
    });

    it('has nothing to upgrade, and no key comes from there', async () => {
      const { code, answer } = await cli.json<ReportAnswer>('upgrade-tenant', '--schema', 'demo');
      expect(code).toBe(0);
      expect(answer).toMatchObject({ schema: 'demo', revision: TENANT.at(-1), applied: [] });
      expect(answer).not.toHaveProperty('apiKey');
    });

    it('is up to date by status --check', async () => {
      const { code, answer } = await cli.json<StatusAnswer>('status', '--schema', 'demo', '--check');
      expect(code).toBe(0);
      expect(answer).toEqual({ track: 'tenant', schema: 'demo', revision: TENANT.at(-1), head: TENANT.at(-1), applied: TENANT, ...SETTLED });
    });

    it('gets another key from rotate-api-key, and the old one ends', async () => {
      const { code, answer } = await cli.json<KeyAnswer>('rotate-api-key', '--schema', 'demo');
      expect(code).toBe(0);
      expect(answer.apiKey).not.toBe(apiKey);
      expect(await registered('demo')).toMatchObject({ digest: digestOf(answer.apiKey) });
    });

    it('is refused the domain of another one, with nothing registered', async () => {
      const { code, answer } = await cli.json<FailureAnswer>('init-tenant', '--schema', 'other', '--domain', 'demo.example');
      expect(code).toBe(1);
      expect(answer).toMatchObject({ error: { code: 'DOMAIN_TAKEN' }, applied: [] });
      expect(await registered('other')).toBeUndefined();
    });

    it('shows its SQL in a dry run before it is born, and nothing is left of it', async () => {
      const { code, answer } = await cli.json<DryRunAnswer>('init-tenant', '--schema', 'planned', '--dry-run', '--sql');
      expect(code).toBe(0);
      expect(answer.steps.map(({ migration }) => migration)).toEqual(TENANT);
      expect(answer.steps.at(-1)?.sql).toEqual(['CREATE INDEX CONCURRENTLY person_email_idx ON person (email)']);
      expect(await registered('planned')).toBeUndefined();
      expect(await database.query("SELECT nspname FROM pg_namespace WHERE nspname IN ('other', 'planned') OR nspname LIKE 'tm%'")).toEqual([]);
    });
  });

  async function registered(schema: string): Promise<unknown> {
    const [row] = await database.query(
      'SELECT tenant_name AS name, domain, status, api_key AS digest FROM public.tenant_registry WHERE schema_name = $1', [schema]);
    return row;
  }
});

function digestOf(apiKey: string | undefined): string {
  return createHash('sha256').update(String(apiKey)).digest('hex');
}
