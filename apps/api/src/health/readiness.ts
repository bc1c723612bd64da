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
    // The library's own tables are not part of the public track's status; listing needs them.
    await this.migrator.tenants({ limit: 1 });
    const { pending } = await this.migrator.statusPublic();
    if (pending.length > 0) throw new PublicTrackBehindError(pending, true);
  }
}

async function refuseLater(): Promise<never> {
  await wait(PATIENCE_MS, undefined, { ref: false });
  throw new DatabaseAccessError('DATABASE_UNREACHABLE', `PostgreSQL did not answer in ${PATIENCE_MS} ms`, 'Look at the server, and at the network between.');
}
