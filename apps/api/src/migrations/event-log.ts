import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Migrator, type TenancyEvent } from 'tenancy-migrations';

/** Logs what an operator should know of a provisioning and no answer tells. */
@Injectable()
export class EventLog implements OnModuleDestroy {
  readonly onModuleDestroy: () => void;
  private readonly logger = new Logger('Migrations');

  constructor({ events }: Migrator) {
    this.onModuleDestroy = events.subscribe((event) => warningsOf(event).forEach((warning) => this.logger.warn(warning)));
  }
}

function warningsOf(event: TenancyEvent): readonly string[] {
  switch (event.type) {
    case 'plan':
      return event.warnings;
    case 'step-retried':
      return [`${event.schema}: ${event.migration} is tried again in ${event.delayMs} ms (SQLSTATE ${event.sqlState})`];
    case 'journal-failed':
      return [`${event.schema}: the failure could not be written to the journal: ${String(event.error)}`];
    default:
      return [];
  }
}
