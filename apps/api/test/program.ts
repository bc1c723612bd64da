import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** The API as a process, from its sources. */
export class Program {
  stdout = '';
  stderr = '';
  private readonly exited: Promise<number | NodeJS.Signals>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
    this.exited = new Promise((done) => child.on('close', (code, signal) => done(code ?? signal ?? -1)));
  }

  /** @param environment all that the process gets, beside PATH */
  static start(environment: Readonly<Record<string, string>>): Program {
    const options = { cwd: ROOT, env: { PATH: process.env['PATH'], ...environment } };
    return new Program(spawn(process.execPath, ['-r', './tools/register.js', 'apps/api/src/main.ts'], options));
  }

  /** Its URL, once it says so. */
  async listening(): Promise<string> {
    for (;;) {
      const url = /^The API answers at (\S+)/m.exec(this.stdout)?.[1];
      if (url) return url;
      if (this.child.exitCode !== null) throw new Error(`The API ended: ${this.stderr}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** Its exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.exited;
  }
}
