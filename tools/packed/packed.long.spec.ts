import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application } from './src/application';
import { buildWorkspace } from './src/built-workspace';
import { danglingReferences } from './src/module-references';
import { Tarball } from './src/tarball';
import type { Outcome } from './src/program';

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
const SCHEMAS = ['acme', 'globex'];
const PUBLIC_TABLES = ['migration_step', 'migrations', 'plan', 'tenancy_migrations', 'tenant_registry'].map((table) => `public.${table}`);
const TENANT_TABLES = SCHEMAS.flatMap((schema) => ['migrations', 'project', 'task'].map((table) => `${schema}.${table}`));
const TENANT_MIGRATIONS = ['CreateProject1700000000001', 'CreateTask1700000000002', 'IndexProjectTitle1700000000003'];

/** What fixtures/source/main.ts prints. */
const EXPECTED_OF_MODULE = {
  tooEarly: 'PUBLIC_TRACK_BEHIND',
  publicReport: expect.objectContaining({ schema: 'public', applied: ['CreatePlan1700000000000'], revision: 'CreatePlan1700000000000' }),
  tenants: SCHEMAS.map((schema) => expect.objectContaining({ schema, applied: TENANT_MIGRATIONS, apiKey: expect.stringMatching(/^tmk_/) })),
  again: expect.objectContaining({ schema: 'acme', applied: [] }),
  badName: 'INVALID_NAME',
  outside: 'TENANT_SESSION_REQUIRED',
  plans: [{ code: 'free' }, { code: 'team' }],
  deep: ['ERR_PACKAGE_PATH_NOT_EXPORTED', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
  events: expect.arrayContaining(['plan acme 3', 'applied globex CreateTask1700000000002 true', 'tenant-activated']),
  pools: [false, false],
};

let library: Tarball;
let cli: Tarball;

beforeAll(async () => {
  const dist = await buildWorkspace(join(folder, 'workspace'));
  library = await Tarball.pack(join(dist, 'libs/tenancy-migrations'), join(folder, 'library'));
  cli = await Tarball.pack(join(dist, 'apps/migrate-cli'), join(folder, 'cli'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('The tarballs', () => {
  it('hold the compiled sources, declarations for the library, README and LICENSE', () => {
    const code = library.files.filter((file) => file.endsWith('.js'));
    expect(library.files).toEqual([...code, ...code.map((file) => file.replace(/js$/, 'd.ts')), 'LICENSE', 'README.md', 'package.json'].sort());
    expect(code).toEqual(expect.arrayContaining(['index.js', 'lib/migrator.js', 'lib/tenancy-migrations.module.js']));
    expect(cli.files.filter((file) => !file.endsWith('.js'))).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(cli.files).toEqual(expect.arrayContaining(['main.js', 'product.js', 'commands/init-tenant.command.js']));
  });

  it('hold no test, no source map, nothing of the sample product', () => {
    const files = [library, cli].flatMap((tarball) => tarball.files.map((file) => ({ file, text: tarball.read(file) })));
    const wrong = files.filter(({ file, text }) =>
      /\.map$|spec|test|fixture|tenancy\.config/.test(file) || /sourceMappingURL|@sample\/|@workspace\//.test(text));
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  it('refer to nothing that is neither inside nor declared', () => {
    expect(danglingReferences(library)).toEqual([]);
    expect(danglingReferences(cli)).toEqual([]);
  });

  it("declare what the CLI's bundled packages need", () => {
    const { bundleDependencies = [], dependencies = {} } = cli.manifest;
    expect(bundleDependencies).toContain('nest-commander');
    for (const name of bundleDependencies) {
      const bundled = cli.manifestOf(`node_modules/${name}`);
      expect(dependencies).toMatchObject({ [name]: bundled.version, ...bundled.dependencies });
      expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(Object.keys(bundled.peerDependencies ?? {})));
    }
  });
});

describe.each([
  { fixture: 'nest-11', typeorm: '0.3', config: 'tenancy.config.cjs', login: 'createrole' },
  { fixture: 'nest-12', typeorm: '1.1', config: 'tenancy.config.mjs', login: 'superuser' },
] as const)('In an application of $fixture with TypeORM $typeorm', ({ fixture, typeorm, config, login }) => {
  let application: Application;
  let compilation: Outcome;
  let ofModule: TestDatabase;
  let ofCli: TestDatabase;

  beforeAll(async () => {
    [ofModule, ofCli] = await Promise.all([createTestDatabase({ login }), createTestDatabase({ login })]);
    application = await Application.install(fixture, join(folder, fixture), [library, cli]);
    compilation = await application.compile();
  });

  afterAll(async () => {
    await Promise.all([ofModule.drop(), ofCli.drop()]);
  });

  it('they install without a peer conflict and work with what the application has', async () => {
    for (const name of ['typeorm', 'pg', 'reflect-metadata', '@nestjs/typeorm', 'tenancy-migrations']) {
      expect(await application.installed(name)).toEqual([expect.stringContaining(`node_modules/${name}@`)]);
    }
    expect(await application.installed('typeorm')).toEqual([expect.stringContaining(`node_modules/typeorm@${typeorm}.`)]);
    expect(await application.checkTree()).toMatchObject({ exitCode: 0 });
  });

  it('the documented types compile, library check included', () => {
    expect(compilation).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it('the module migrates two tenants, keeps deep imports and sessionless queries out, and lets the process end', async () => {
    const { exitCode, stdout, stderr } = await application.start(ofModule.url);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(EXPECTED_OF_MODULE);
    await expectMigrated(ofModule);
  });

  it('the CLI migrates two tenants by a config of its own', async () => {
    const answer = async (...args: string[]): Promise<Outcome> => quiet(await application.cli([...args, '--config', config], ofCli.url));
    expect(await answer('init-public')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('revision CreatePlan1700000000000') });
    for (const schema of SCHEMAS) {
      const { exitCode, stdout } = await answer('init-tenant', '--schema', schema, '--json');
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ schema, applied: TENANT_MIGRATIONS, apiKey: expect.stringMatching(/^tmk_/) });
      expect(await answer('status', '--schema', schema, '--check')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('up to date') });
    }
    await expectMigrated(ofCli);
  });

  it('the CLI exits 64 without a config, and without DATABASE_URL', async () => {
    expect(quiet(await application.cli(['status-public'], ofCli.url))).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--config') });
    expect(quiet(await application.cli(['status-public', '--config', config]))).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('DATABASE_URL') });
  });
});

/** Requiring ES modules, as a CommonJS library does with Nest 12, was experimental once; Node would say so on stderr. */
function quiet(outcome: Outcome): Outcome {
  expect(outcome.stderr).not.toMatch(/Warning/);
  return outcome;
}

/** What both applications make of their two tracks, wherever it was made from. */
async function expectMigrated(database: TestDatabase): Promise<void> {
  const names = async (sql: string): Promise<string[]> => (await database.query<{ name: string }>(sql)).map(({ name }) => name).sort();
  expect(await names(`SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`))
    .toEqual([...TENANT_TABLES, ...PUBLIC_TABLES].sort());
  expect(await names(`SELECT typnamespace::regnamespace::text AS name FROM pg_type WHERE typname = 'task_state_enum'`)).toEqual(SCHEMAS);
  expect(await names(`SELECT schemaname AS name FROM pg_indexes WHERE indexname = 'project_title_ix'`)).toEqual(SCHEMAS);
  expect(await names(`SELECT conrelid::regclass || ' to ' || confrelid::regclass AS name FROM pg_constraint WHERE conname = 'project_plan_fk'`))
    .toEqual(['acme.project to plan', 'globex.project to plan']);
  expect(await names('SELECT title AS name FROM acme.project UNION ALL SELECT title FROM globex.project')).toEqual(['Getting started', 'Getting started']);
}
