import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import type { ProvisionedTenant, Tenant, TenantStatus } from 'tenancy-migrations';

const STATUSES: TenantStatus[] = ['provisioning', 'active', 'failed', 'suspended', 'archived'];
const text = (description: string) => ({ type: String, nullable: true, description });

/** A tenant, as the registry has it. Its API key is not there: only a digest is stored, and that stays inside. */
export class TenantDto {
  @ApiProperty({ type: 'integer' })
  readonly id!: number;

  @ApiProperty({ example: 'demo' })
  readonly schema!: string;

  @ApiProperty({ example: 'Demo Ltd' })
  readonly name!: string;

  @ApiProperty(text('Unique among tenants.'))
  readonly domain!: string | null;

  @ApiProperty({ enum: STATUSES })
  readonly status!: TenantStatus;

  @ApiProperty()
  readonly isActive!: boolean;

  @ApiProperty(text("The last applied migration, as of the registry; the schema's own history is at /tenants/{schema}/migrations."))
  readonly revision!: string | null;

  @ApiProperty(text('Why the last attempt to provision it failed.'))
  readonly lastError!: string | null;

  @ApiProperty()
  readonly createdAt!: Date;

  @ApiProperty()
  readonly updatedAt!: Date;
}

/** A page of tenants. */
export class TenantsPageDto {
  @ApiProperty({ type: [TenantDto] })
  readonly tenants!: TenantDto[];

  @ApiProperty({ type: 'integer', nullable: true, description: '`after` of the next page; null on the last one.' })
  readonly next!: number | null;
}

/**
 * A tenant, and what this call did for it. The fields of the report are always there; those of the registry are missing when it could not be
 * read any more after the birth.
 */
export class ProvisionedTenantDto extends PartialType(TenantDto) {
  @ApiProperty({ example: 'demo' })
  override readonly schema!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The last applied migration, read back from the schema.' })
  override readonly revision!: string | null;

  @ApiProperty({ type: [String], description: 'The migrations that this call applied.' })
  readonly applied!: readonly string[];

  @ApiProperty({ type: 'integer' })
  readonly durationMs!: number;

  @ApiPropertyOptional({ description: 'Only in the answer to the one call that made the tenant active; it is stored nowhere.' })
  readonly apiKey?: string;
}

/** Field by field, so that what the registry may hold one day does not come out by itself. */
export function tenantDto({ id, schema, name, domain, status, isActive, revision, lastError, createdAt, updatedAt }: Tenant): TenantDto {
  return { id, schema, name, domain, status, isActive, revision, lastError, createdAt, updatedAt };
}

/** The answer to a call that provisioned a tenant. */
export function provisionedTenantDto(report: ProvisionedTenant, tenant: Tenant | undefined): ProvisionedTenantDto {
  const { schema, revision, applied, durationMs, apiKey } = report;
  return { ...(tenant && tenantDto(tenant)), schema, revision, applied, durationMs, ...(apiKey !== undefined && { apiKey }) };
}
