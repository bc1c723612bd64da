import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMigrator, parseProduct, type InvalidOptionsError, type TenancyMigrationsOptions } from 'tenancy-migrations';
import { CreateNote, migration } from './support/migrations';
import { failureOf, useTestbed } from './support/testbed';

const testbed = useTestbed();

/** The problems of options that are not the type's, as a config file's may be. */
async function problemsOf(given: Record<string, unknown>): Promise<readonly string[]> {
  const error = await failureOf<InvalidOptionsError>(openMigrator({ ...testbed.options(), ...given }));
  expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
  for (const problem of error.problems) expect(error.message).toContain(problem);
  return error.problems;
}

describe('options', () => {
  it('that are wrong in several ways are refused with all of them in one error', async () => {
    const problems = await problemsOf({
      url: 'mysql://root:secret@localhost/db', poolSize: 0, lockTimeoutMs: 'soon', extensions: 'hstore', isolation: { role: 'x' }, runtimeRole: '',
      colour: 'blue', public: undefined, tenant: { migrations: 'all of them' },
    });
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/^colour is not an option \(known: /), 'extensions must be a list of strings',
      expect.stringMatching(/^isolation must be 'role-per-tenant' or/),
      'lockTimeoutMs must be a whole number from 1 to 600000', 'poolSize must be a whole number from 1 to 1000', 'public is required',
      'runtimeRole must be a non-empty string', expect.stringMatching(/^tenant migrations must be/), 'url must be a postgres:// URL',
    ]);
  });

  it('that are wrong in several ways within one track are refused with all of them, too', async () => {
    expect(await problemsOf({ tenant: { entities: 1, migrations: 2, seeds: [] } })).toHaveLength(3);
  });

  it('are not told with the password that the URL holds', async () => {
    const error = await failureOf<InvalidOptionsError>(openMigrator({ ...testbed.options(), url: 'http://me:secret@host/db' }));
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('secret');
  });

  it('of a product have no connection', () => {
    const product = { public: {}, tenant: { migrations: [CreateNote] } };
    expect(parseProduct(product)).toEqual(product);
    expect(() => parseProduct({ ...product, url: 'postgres://localhost/db' })).toThrow(/url is not an option/);
    expect(() => parseProduct(undefined)).toThrow(/must be an object/);
  });

  it('name every migration that has no timestamp or that occurs twice', async () => {
    const Nameless = class Nameless { async up(): Promise<void> {} async down(): Promise<void> {} };
    const problems = await problemsOf({ tenant: { migrations: [Nameless, migration('Twin', 1), migration('Twin', 1)] } });
    expect(problems).toEqual([
      expect.stringMatching(/Nameless does not end in a 13-digit timestamp/), expect.stringMatching(/Twin1700000000001 occurs twice/),
    ]);
  });
});

describe('migrations found by globs', () => {
  let folder: string;
  const glob = (pattern: string): string => join(folder, pattern);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'migrations-'));
    writeFileSync(glob('1-note.js'), `exports.Note1700000000001 = class Note1700000000001 {
      async up(queryRunner) { await queryRunner.query('CREATE TABLE note (id int)'); }
      async down() {}
    };`);
    writeFileSync(glob('2-broken.js'), 'throw new Error("this file is broken");');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const withMigrations = (migrations: TenancyMigrationsOptions['tenant']['migrations']): Record<string, unknown> => ({ tenant: { migrations } });

  it('are applied like any other', async () => {
    const migrator = await testbed.open({ tenant: [glob('1-*.js')] });
    await migrator.initPublic();
    expect(await migrator.initTenant({ schema: 'globbed' })).toMatchObject({ applied: ['Note1700000000001'] });
  });

  it('are refused where a glob matches no file', async () => {
    expect(await problemsOf(withMigrations([glob('none/*.js')]))).toEqual([expect.stringContaining(glob('none/*.js'))]);
  });

  it('are refused where one of the globs matches no file, and another does', async () => {
    expect(await problemsOf(withMigrations([glob('1-*.js'), glob('none/*.js')]))).toEqual([expect.stringContaining(glob('none/*.js'))]);
    expect(await problemsOf(withMigrations([CreateNote, glob('none/*.js')]))).toEqual([expect.stringContaining(glob('none/*.js'))]);
  });

  it('are refused where both tracks have such a glob, and both are named', async () => {
    const problems = await problemsOf({ public: { migrations: [glob('no-public/*.js')] }, ...withMigrations([glob('no-tenant/*.js')]) });
    expect(problems.join()).toMatch(/no-public.*no-tenant/);
  });

  it('are refused where a file does not load, and it is not blamed on the server', async () => {
    expect(await problemsOf(withMigrations([glob('2-*.js')]))).toEqual([expect.stringMatching(/tenant track.*this file is broken/)]);
  });
});
