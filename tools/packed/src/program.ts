import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Where a program runs, and what it is told beside its arguments. */
export interface Surroundings {
  readonly cwd: string;
  /** Beside the test run's own environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a program ended, and what it said. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that had to succeed has not. */
export class ProgramFailedError extends Error {
  readonly code = 'PROGRAM_FAILED';
  constructor(program: string, readonly outcome: Outcome) {
    super(`${program} ended with ${outcome.exitCode}:\n${outcome.stdout}\n${outcome.stderr}`);
    this.name = new.target.name;
  }
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], { cwd, env }: Surroundings): Promise<Outcome> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  return { exitCode, stdout, stderr };
}

/** Runs a program that has to succeed. @throws ProgramFailedError with what it said */
export async function succeed(program: string, args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const outcome = await run(program, args, surroundings);
  if (outcome.exitCode !== 0) throw new ProgramFailedError([program, ...args].join(' '), outcome);
  return outcome;
}
