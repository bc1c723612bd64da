import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WORKSPACE = resolve(__dirname, '../..');

/** Somebody who is not root; as root, the tests also follow the README as this user. */
export const ORDINARY_USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** What a command of the README has said so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** A clone of the last commit in an empty folder, with nothing of this checkout's work. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'tenancy-fresh-clone-'));

  constructor(private readonly user?: { readonly uid: number; readonly gid: number }) {
    execFileSync('git', ['clone', '--quiet', '--no-hardlinks', WORKSPACE, join(this.folder, 'clone')]);
    chmodSync(this.folder, 0o755);
  }

  /** Runs one of the README's lines to its end. */
  async run(line: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; output: string }> {
    const running = this.start(line, env);
    return { code: await running.ended, output: running.output() };
  }

  /** Starts one of the README's lines, with a home of its own and no variable of ours. */
  start(line: string, env: NodeJS.ProcessEnv = {}): Running {
    const clean = { ...process.env, DATABASE_URL: undefined, TEST_DATABASE_URL: undefined, ADMIN_TOKEN: undefined };
    const home = this.user ? { HOME: this.folder } : {};
    const options = { cwd: join(this.folder, 'clone'), env: { ...clean, ...home, ...env }, detached: true, ...this.user };
    const child = spawn('sh', ['-c', `exec ${line}`], options);
    let said = '';
    child.stdout?.on('data', (chunk) => (said += String(chunk)));
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    return { child, ended: new Promise((done) => child.on('close', done)), output: () => said };
  }

  /** Gives the clone to its user, with the packages that are installed here: what `npm ci` installs is tested once. */
  takePackages(from: Checkout): void {
    execFileSync('cp', ['-a', join(from.folder, 'clone/node_modules'), join(this.folder, 'clone/node_modules')]);
    if (this.user) execFileSync('chown', ['-R', `${this.user.uid}:${this.user.gid}`, this.folder]);
  }

  async remove(): Promise<void> {
    await this.run('npm run db:stop');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ctrl-C, for the whole group as a terminal does. */
export async function interrupt({ child, ended }: Running): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await ended;
}

/** Waits until the API answers that it is ready. */
export async function untilReady(port: number, running: Running): Promise<void> {
  for (const deadline = Date.now() + 90_000; Date.now() < deadline; await sleep(100)) {
    if (running.child.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new TypeError(`the API did not get ready:\n${running.output()}`);
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
