import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { DryRunAnswer, FailureAnswer, ReportAnswer } from './support/answers';
import { Cli, fixture } from './support/cli';

const MIGRATION = 'CreateNote1700000000001';
const at = (...path: readonly string[]): string => fixture('formats', ...path);

let database: TestDatabase;
let cli: Cli;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migrate-cli-'));
  database = await createTestDatabase();
  cli = new Cli({ env: { DATABASE_URL: database.url } });
  await cli.run('init-public', '--config', at('common-js.config.js'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

/** The migrations that the program finds by a config; nothing is applied. */
async function planned(program: Cli, ...args: readonly string[]): Promise<unknown> {
  const { code, answer } = await program.json<DryRunAnswer>('init-tenant', '--schema', 'demo', '--dry-run', ...args);
  return code === 0 ? answer.steps.map(({ migration }) => migration) : answer;
}

describe('the config of another product', () => {
  it.each([
    'common-js.config.js', 'common-js-with-names.config.js', 'es-module.config.mjs', 'es-module-with-names.config.mjs', 'type-script.config.ts', 'glob.config.js',
  ])('is read from %s', async (file) => {
    expect(await planned(cli, '--config', at(file))).toEqual([MIGRATION]);
  });

  it('may lie in a folder whose name means something to globs', async () => {
    const odd = join(folder, '[a] {b,c} (d)! *');
    mkdirSync(odd);
    cpSync(at('glob.config.js'), join(odd, 'glob.config.js'));
    cpSync(at('migrations'), join(odd, 'migrations'), { recursive: true });
    expect(await planned(cli, '--config', join(odd, 'glob.config.js'))).toEqual([MIGRATION]);
  });

  it('may be named by TENANCY_CONFIG, relative to where the command is typed, while its globs are relative to itself', async () => {
    const elsewhere = cli.with({ env: { TENANCY_CONFIG: 'formats/glob.config.js' }, cwd: fixture() });
    expect(await planned(elsewhere)).toEqual([MIGRATION]);
    expect(await planned(elsewhere, '--config', 'order/before.config.js')).toEqual(['Early1700000000001', 'Late1700000000003']);
  });

  it('brings nothing of the sample product into the database; registry and journal are there', async () => {
    const { code } = await cli.json<ReportAnswer>('init-tenant', '--schema', 'demo', '--config', at('glob.config.js'));
    expect(code).toBe(0);
    const tables = "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'demo') ORDER BY 1";
    expect((await database.query(tables)).map(({ name }) => name)).toEqual([
      'demo.migrations', 'demo.note', 'public.migration_step', 'public.migrations', 'public.tenancy_migrations', 'public.tenant_registry',
    ]);
  });
});

describe('a config that does not load', () => {
  it.each([
    ['unknown keys', 'unknown.config.js', ['migration is not an option', 'tenants is not an option', 'url is not an option']],
    ['a syntax error', 'misspelt.config.js', ['misspelt.config.js does not load', 'Unexpected token']],
    ['an error of its own', 'throws.config.js', ['throws.config.js does not load', 'the product is not ready']],
    ['nothing in it', 'nothing.config.js', ['public is required', 'tenant is required']],
    ['a glob that matches nothing', 'dead.config.js', ['tenant', 'no-such-folder/*.js']],
    ['a glob that matches nothing beside one that does', 'half.config.js', ['tenant', 'no-such-folder/*.js']],
    ['a migration without its timestamp', 'timeless.config.js', ['tenant migration CreateNote does not end in a 13-digit timestamp']],
    ['nothing at its path', 'absent.config.js', ['absent.config.js does not load', 'Correct the path.']],
  ])('for %s ends the command with 64 and every reason', async (_, file, reasons) => {
    const schema = file.replace(/\W.*/, '');
    const { code, answer, stderr, durationMs } = await cli.json<FailureAnswer>('init-tenant', '--schema', schema, '--config', at('broken', file));
    expect(code).toBe(64);
    expect(answer).toEqual({ error: expect.objectContaining({ code: expect.stringMatching(/^(USAGE|INVALID_OPTIONS)$/) }), applied: [] });
    for (const reason of reasons) expect(answer.error.message).toContain(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
    // Connections that nobody closes keep a process alive for ten seconds.
    expect(durationMs).toBeLessThan(10_000);
    expect(await database.query('SELECT 1 FROM pg_namespace WHERE nspname = $1 UNION SELECT 1 FROM tenant_registry WHERE schema_name = $1', [schema]))
      .toEqual([]);
  });
});

describe('a product that writes to the console', () => {
  it('does not disturb the one JSON document on stdout', async () => {
    const { code, stdout, stderr } = await cli.run('init-tenant', '--schema', 'talkative', '--json', '--config', at('talkative.config.js'));
    expect(code).toBe(0);
    expect(stderr).toContain('the config is read');
    expect(stderr).toContain('the migration is run');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'talkative', applied: ['Talk1700000000001'] });
  });
});
