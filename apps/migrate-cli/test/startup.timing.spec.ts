import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer } from './support/answers';
import { builtProgram } from './support/built-program';
import { Cli, fixture, Running, WORKSPACE, type Outcome } from './support/cli';
import { figure, median } from './support/figures';

const RUNS = 9;
const NX_RUNS = 5;
const LARGEST_RATIO = 1.5;
const LARGEST_NX_EXTRA_MS = 2000;

describe('the built program', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase();
    cli = new Cli({ env: { DATABASE_URL: database.url }, program: builtProgram() });
    await cli.run('init-public');
    await cli.run('init-tenant', '--schema', 'demo');
  });
  afterAll(async () => database.drop());

  it(`tells the status of a tenant in at most ${LARGEST_RATIO} times what a bare Nest with TypeORM takes to connect and end`, async () => {
    const bare = cli.with({ program: [fixture('bare-nest', 'main.js')] });
    const status: number[] = [];
    const nothing: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      nothing.push(durationOf(await bare.run()));
      status.push(durationOf(await cli.run('status', '--schema', 'demo')));
    }
    const [ours, theirs] = [median(status), median(nothing)];
    figure(`start-up: status ${Math.round(ours)} ms, bare Nest with TypeORM ${Math.round(theirs)} ms, ratio ${(ours / theirs).toFixed(2)} (medians of ${RUNS})`);
    expect(ours / theirs).toBeLessThanOrEqual(LARGEST_RATIO);
  });

  it(`is at most ${LARGEST_NX_EXTRA_MS} ms slower through Nx, from its sources`, async () => {
    const direct: number[] = [];
    const throughNx: number[] = [];
    for (let run = 0; run < NX_RUNS; run++) {
      direct.push(durationOf(await cli.run('status', '--schema', 'demo')));
      throughNx.push(durationOf(await new Running('npx', ['nx', 'run', 'migrate-cli:status', '--schema=demo'], WORKSPACE, { DATABASE_URL: database.url }).outcome));
    }
    // The limit is no ratio: it is for a machine that has nothing else to do, and this one may have.
    const busy = Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());
    const extra = Math.min(...throughNx) - Math.min(...direct);
    figure(`through Nx: ${Math.round(Math.min(...throughNx))} ms, ${Math.round(extra)} ms more than directly (the quickest of ${NX_RUNS}, load per core ${busy.toFixed(1)})`);
    expect(extra / busy).toBeLessThanOrEqual(LARGEST_NX_EXTRA_MS);
  });

  it('exits with 64 without DATABASE_URL, and starts no server', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'migrate-cli-'));
    const before = developmentServer();
    const { code, answer } = await new Cli({ cwd: folder, env: { TMPDIR: folder }, program: builtProgram() }).json<FailureAnswer>('status-public');
    expect(code).toBe(64);
    expect(answer.error.message).toContain('DATABASE_URL is not set');
    expect(readdirSync(folder)).toEqual([]);
    expect(developmentServer()).toEqual(before);
    rmSync(folder, { recursive: true });
  });
});

function durationOf({ code, stderr, durationMs }: Outcome): number {
  if (code !== 0) throw new TypeError(`ended with ${code}: ${stderr}`);
  return durationMs;
}

/** When the workspace's own server of each version was started, if it was. */
function developmentServer(): unknown {
  const folder = join(WORKSPACE, '.postgres');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((version) => statSync(join(folder, version, 'postmaster.pid'), { throwIfNoEntry: false })?.mtimeMs);
}
