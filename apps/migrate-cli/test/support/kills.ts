import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDatabase } from '@workspace/postgres-testing';
import { figure } from './figures';
import type { ReportAnswer } from './answers';
import { type Cli, documentOf } from './cli';

/** What came of a command that was killed and then run to its end. */
export interface Revived {
  /** Of the run that finished the work. */
  readonly report: ReportAnswer;
  /** stdout of the killed run. */
  readonly before: string;
}

/** Kills a command at moments of its undisturbed duration, runs it again, and keeps count of where the kills fell. */
export class Kills {
  private done = 0;
  private midway = 0;

  constructor(private readonly wholeMs: number, private readonly migrations: number) {}

  async killAndFinish(cli: Cli, moment: number, ...args: readonly string[]): Promise<Revived> {
    const running = cli.start(...args, '--json');
    await sleep(moment * this.wholeMs);
    const killed = running.kill();
    const before = (await running.outcome).stdout;
    const { code, stdout, stderr } = await cli.run(...args, '--json');
    if (code !== 0) throw new TypeError(`${args.join(' ')} after a kill at ${Math.round(moment * this.wholeMs)} ms ended with ${code}: ${stdout}${stderr}`);
    const report = documentOf<ReportAnswer>(stdout);
    if (killed) this.done++;
    if (killed && report.applied.length > 0 && report.applied.length < this.migrations) this.midway++;
    return { report, before };
  }

  tell(what: string): void {
    figure(`${what}: ${this.done} kills over ${Math.round(this.wholeMs)} ms, ${this.midway} of them between the first migration and the last`);
  }
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
