import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The folder of the whole workspace. */
export const WORKSPACE = resolve(__dirname, '../../../..');

/** What a fixture is called below `fixtures/`, as a path. */
export function fixture(...path: readonly string[]): string {
  return join(__dirname, '../fixtures', ...path);
}

/** How a process ended, and all that it said. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Arguments of `node`, up to those of the command line. */
export type Program = readonly string[];

export const FROM_SOURCES: Program = ['-r', join(WORKSPACE, 'tools/register.js'), join(WORKSPACE, 'apps/migrate-cli/src/main.ts')];
export const BUILT: Program = [join(WORKSPACE, 'dist/apps/migrate-cli/main.js')];

interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the workspace. */
  readonly cwd?: string;
  /** Default: the sources. */
  readonly program?: Program;
}

/** The command line as an operator has it: a process each time, with an environment that holds what the test gives it and nothing else. */
export class Cli {
  constructor(private readonly options: CliOptions = {}) {}

  /** The same, with more or other options. */
  with({ env, ...others }: CliOptions): Cli {
    return new Cli({ ...this.options, ...others, env: { ...this.options.env, ...env } });
  }

  /** Runs a command to its end. */
  async run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).outcome;
  }

  /** Runs a command with --json and reads the one document that stdout must be. */
  async json<Answer>(...args: readonly string[]): Promise<Omit<Outcome, 'stdout'> & { readonly answer: Answer }> {
    const { stdout, ...outcome } = await this.run(...args, '--json');
    return { ...outcome, answer: documentOf<Answer>(stdout) };
  }

  start(...args: readonly string[]): Running {
    const { env, cwd = WORKSPACE, program = FROM_SOURCES } = this.options;
    return new Running(process.execPath, [...program, ...args], cwd, env);
  }
}

/** A process under way. No shell is between: a signal reaches the program itself. */
export class Running {
  readonly outcome: Promise<Outcome>;
  private readonly child: ChildProcess;
  private readonly startedAt = performance.now();
  private readonly said = { stdout: '', stderr: '' };
  private ended = false;

  constructor(file: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
    const inherited = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/nonexistent' };
    this.child = spawn(file, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.said.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.said.stderr += text));
    this.outcome = new Promise((done, fail) => {
      this.child.on('error', fail);
      this.child.on('close', (code, signal) => {
        this.ended = true;
        done({ code, signal, ...this.said, durationMs: performance.now() - this.startedAt });
      });
    });
  }

  /** False when the process had ended before. */
  kill(signal: NodeJS.Signals = 'SIGKILL'): boolean {
    return !this.ended && this.child.kill(signal);
  }

  /** Resolves as soon as stderr holds the text. */
  async says(text: string): Promise<void> {
    if (!(await this.until((stderr) => stderr.includes(text)))) throw new TypeError(`the program ended without saying «${text}»: ${this.said.stderr}`);
  }

  /** Waits for something on stderr; false when the process ends first. */
  async until(isSaid: (stderr: string) => boolean): Promise<boolean> {
    while (!isSaid(this.said.stderr)) {
      if (this.ended) return false;
      await new Promise((next) => setTimeout(next, 2));
    }
    return true;
  }
}

/** stdout as exactly one JSON document. */
export function documentOf<Answer>(stdout: string): Answer {
  try {
    return JSON.parse(stdout) as Answer;
  } catch (error) {
    throw new TypeError(`stdout is not one JSON document: «${stdout}»`, { cause: error });
  }
}
