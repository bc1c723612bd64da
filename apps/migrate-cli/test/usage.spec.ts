import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FailureAnswer } from './support/answers';
import { Cli } from './support/cli';

/** Nobody listens there, so whatever reaches for the database fails otherwise than with 64. */
const NOWHERE = 'postgres://nobody:hidden@127.0.0.1:1/nothing';
const COMMANDS = ['init-public', 'upgrade-public', 'status-public', 'init-tenant', 'upgrade-tenant', 'status', 'rotate-api-key'];
const WITH_SCHEMA = ['init-tenant', 'upgrade-tenant', 'status', 'rotate-api-key'];

const cli = new Cli({ env: { DATABASE_URL: NOWHERE } });

describe('wrong usage', () => {
  it.each([
    ['no command', [], 'No command is given'],
    ['an unknown command', ['frobnicate', '--json'], 'frobnicate'],
    ['an unknown option', ['status-public', '--json', '--frobnicate'], '--frobnicate'],
    ['a missing schema', ['status', '--json'], '--schema'],
    ['an argument too many', ['init-public', 'demo', '--json'], 'arguments'],
    ['an unknown log level', ['init-public', '--log-level', 'loud', '--json'], 'loud'],
    ['a wait that is no number', ['init-public', '--lock-wait', 'long', '--json'], 'long'],
    ['--sql without --dry-run', ['init-public', '--sql', '--json'], '--dry-run'],
  ])('exits with 64 on %s, before anything is connected to', async (_, args, named) => {
    const { code, stdout, stderr } = await cli.run(...args);
    expect(code).toBe(64);
    const message = args.includes('--json') ? (JSON.parse(stdout) as FailureAnswer).error.message : stderr;
    expect(message).toContain(named);
    if (args.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', remedy: expect.any(String) }, applied: [] });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('is told once and on stderr when JSON is not asked for', async () => {
    const { code, stdout, stderr } = await cli.run('status');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('--schema')]);
  });
});

describe('without DATABASE_URL', () => {
  it('exits with 64, says so, and starts no server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'migrate-cli-'));
    try {
      const nobody = new Cli({ cwd: folder, env: { TMPDIR: folder } });
      const { code, answer } = await nobody.json<FailureAnswer>('status-public');
      expect(code).toBe(64);
      expect(answer).toEqual({ error: { code: 'USAGE', message: expect.stringContaining('DATABASE_URL is not set'), remedy: expect.any(String) }, applied: [] });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes an empty one for none', async () => {
    const { code, stderr } = await new Cli({ env: { DATABASE_URL: '' } }).run('status-public');
    expect(code).toBe(64);
    expect(stderr).toContain('DATABASE_URL is not set');
  });

  it('takes what is no URL for no better, and does not repeat what may be a secret', async () => {
    const { code, answer } = await new Cli({ env: { DATABASE_URL: 'root:hidden@127.0.0.1' } }).json<FailureAnswer>('status-public');
    expect(code).toBe(64);
    expect(answer.error.message).toContain('must be a postgres:// URL');
    expect(answer.error.message).not.toContain('hidden');
  });
});

describe('--help', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await cli.run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
  });

  it.each(COMMANDS)('of %s describes the options of every command and shows an example', async (command) => {
    const { code, stdout, stderr } = await cli.run(command, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: migrate-cli ${command} [options]`);
    for (const option of ['--json', '--config <file>', '--log-level <level>']) expect(stdout).toContain(option);
    expect(exampleIn(stdout)).toMatch(new RegExp(String.raw`^migrate-cli ${command}\b${WITH_SCHEMA.includes(command) ? '.* --schema demo' : ''}`));
  });
});

function exampleIn(help: string): string | undefined {
  return /^Example:\n {2}\$ (.*)$/m.exec(help)?.[1];
}
