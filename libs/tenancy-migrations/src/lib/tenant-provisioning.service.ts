import { Injectable } from '@nestjs/common';
import type { TenantReport } from './core/report';
import { Migrator } from './migrator';
import type { RunOptions } from './runner';
import type { TenantRequest } from './provisioning/birth';

/** A tenant that was brought to life by this call, or had been before. */
export type ProvisionedTenant = Omit<TenantReport, 'error'>;

/** The birth of tenants, for an application to inject. */
@Injectable()
export class TenantProvisioningService {
  constructor(private readonly migrator: Migrator) {}

  /**
   * Registers the tenant, makes its schema, brings it to head, makes it active. Safe to call again after any failure.
   *
   * @returns the report, with `apiKey` from the call that made the tenant active
   * @throws TenancyError what kept the tenant from being born, a failed migration included
   */
  async provision(request: TenantRequest, run: RunOptions = {}): Promise<ProvisionedTenant> {
    const { error, ...report } = await this.migrator.initTenant(request, run);
    if (error) throw error;
    return report;
  }

  /** Gives a tenant a new API key; the old one ends at once. @throws UnknownTenantError */
  async rotateApiKey(schema: string): Promise<string> {
    return this.migrator.rotateApiKey(schema);
  }
}
