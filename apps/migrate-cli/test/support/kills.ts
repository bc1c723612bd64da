import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '@workspace/postgres-testing';
import type { ReportAnswer } from './answers';
import { documentOf, type Cli, type Outcome, type Running } from './cli';
import { figure } from './figures';
import { random } from './seeds';

/** Makes a command tell its events on stderr, by which its progress is known. */
const TALKING = ['--json', '--log-level', 'debug'];
const LONGEST_EVENT_MS = 60;

/** What came of a command that was killed and then run to its end. */
export interface Revived {
  /** Of the run that finished the work. */
  readonly report: ReportAnswer;
  /** stdout of the killed run. */
  readonly before: string;
}

/** Runs a command undisturbed, for {@link Kills} to compare with. */
export async function undisturbed(cli: Cli, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await cli.run(...args, ...TALKING);
  expect(outcome).toMatchObject({ code: 0 });
  return outcome;
}

/** Kills a command at shares of its undisturbed run, in turn by what it has told and by the clock, runs it again, and counts where the kills fell. */
export class Kills {
  private wholeMs: number;
  private tried = 0;
  private done = 0;
  private midway = 0;

  constructor(private readonly whole: Outcome) {
    this.wholeMs = whole.durationMs;
  }

  async killAndFinish(cli: Cli, share: number, ...args: readonly string[]): Promise<Revived> {
    const running = cli.start(...args, ...TALKING);
    await (this.tried++ % 2 === 0 ? this.progress(running, share) : sleep(share * this.wholeMs));
    const killed = running.kill();
    const before = await running.outcome;
    this.count(killed, before);
    const { code, stdout, stderr } = await cli.run(...args, '--json');
    if (code !== 0) throw new TypeError(`${args.join(' ')} ended with ${code} after a kill that left:\n${before.stderr}\n${stdout}${stderr}`);
    return { report: documentOf<ReportAnswer>(stdout), before: before.stdout };
  }

  tell(what: string): void {
    figure(`${what}: ${this.done} kills over ${Math.round(this.whole.durationMs)} ms, ${this.midway} of them after the first step had begun`);
  }

  private async progress(running: Running, share: number): Promise<void> {
    const lines = Math.floor(share * (linesOf(this.whole.stderr) + 1));
    await running.until((stderr) => linesOf(stderr) >= lines);
    await sleep(random(this.tried)() * LONGEST_EVENT_MS);
  }

  private count(killed: boolean, { stderr, durationMs }: Outcome): void {
    if (killed) this.done++;
    // The machine was busier when the command ran undisturbed.
    else this.wholeMs = Math.min(this.wholeMs, durationMs);
    if (killed && stderr.includes('"type":"step-started"')) this.midway++;
  }
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}

/** Roles of tenants that no tenant has, and advisory locks that nobody should hold any more. */
export async function leftovers(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    String.raw`SELECT rolname AS left_over FROM pg_roles, pg_database
                WHERE datname = current_database() AND rolname ~ ('^tm_' || pg_database.oid || '_\d+$')
                  AND rolname NOT IN (SELECT role_name FROM public.tenant_registry WHERE role_name IS NOT NULL)
               UNION ALL
               SELECT 'lock of pid ' || pid FROM pg_locks, pg_database
                WHERE datname = current_database() AND locktype = 'advisory' AND database = pg_database.oid`,
  );
}
