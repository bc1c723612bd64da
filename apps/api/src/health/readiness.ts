import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DatabaseAccessError, Migrator, PublicTrackBehindError } from 'tenancy-migrations';

/** A server that hangs answers never; whoever probes wants to know sooner. */
const PATIENCE_MS = 3_000;

/** Can the API do its work? */
@Injectable()
export class Readiness {
  constructor(private readonly migrator: Migrator) {}

  /** @throws PublicTrackBehindError, DatabaseAccessError */
  async require(): Promise<void> {
    await Promise.race([this.requireHead(), refuseLater()]);
  }

  private async requireHead(): Promise<void> {
    const { upToDate, pending, libraryPending, applied } = await this.migrator.statusPublic();
    if (!upToDate) throw new PublicTrackBehindError([...libraryPending, ...pending], applied.length > 0);
  }
}

async function refuseLater(): Promise<never> {
  await wait(PATIENCE_MS, undefined, { ref: false });
  throw new DatabaseAccessError('DATABASE_UNREACHABLE', `PostgreSQL did not answer in ${PATIENCE_MS} ms`, 'Look at the server, and at the network between.');
}
