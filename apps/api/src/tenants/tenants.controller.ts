import { ServerResponse } from 'node:http';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Migrator, type ProvisionedTenant, type Tenant, TenantProvisioningService } from 'tenancy-migrations';
import { ApiErrors } from '../errors/error.dto';
import { ProvisionTenantDto } from './provision-tenant.dto';
import { ProvisionedTenantDto, provisionedTenantDto, TenantDto, tenantDto, TenantsPageDto } from './tenant.dto';
import { TenantsPageQuery } from './tenants-page.dto';

/** A client can come back, and a proxy in between may give up before the library's half minute is over. */
const LOCK_WAIT_MS = 5_000;

/** The tenants: who they are, and their birth. */
@ApiTags('tenants')
@ApiBearerAuth()
@ApiErrors(401, 503)
@Controller('tenants')
export class TenantsController {
  constructor(private readonly migrator: Migrator, private readonly provisioning: TenantProvisioningService) {}

  @Post()
  @ApiOperation({ summary: 'Provision a tenant', description: 'Safe to send again after any failure: it goes on where it stopped.' })
  @ApiCreatedResponse({ type: ProvisionedTenantDto, description: 'This call made the tenant active; its API key is shown here, once.' })
  @ApiOkResponse({ type: ProvisionedTenantDto, description: 'The tenant was active already; its schema is at head.' })
  @ApiErrors(400, 409, 413, 500)
  async provision(@Body() request: ProvisionTenantDto, @Res({ passthrough: true }) response: ServerResponse): Promise<ProvisionedTenantDto> {
    const report = await this.provisioning.provision(request, { lockWaitMs: LOCK_WAIT_MS });
    const madeActive = report.apiKey !== undefined;
    response.statusCode = madeActive ? 201 : 200;
    if (madeActive) response.setHeader('Location', `/tenants/${report.schema}`);
    return provisionedTenantDto(report, await this.readBack(report));
  }

  @Get()
  @ApiOperation({ summary: 'List tenants, a page at a time, oldest first' })
  @ApiOkResponse({ type: TenantsPageDto })
  @ApiErrors(400)
  async list(@Query() { after, limit }: TenantsPageQuery): Promise<TenantsPageDto> {
    const found = await this.migrator.tenants({ after, limit: limit + 1 });
    const tenants = found.slice(0, limit).map(tenantDto);
    return { tenants, next: found.length > limit ? tenants.at(-1)?.id ?? null : null };
  }

  @Get(':schema')
  @ApiOperation({ summary: 'A tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiErrors(400, 404)
  async one(@Param('schema') schema: string): Promise<TenantDto> {
    return tenantDto(await this.migrator.tenant(schema));
  }

  /** A new key exists in the report and nowhere else: a read that fails now must not lose it. */
  private async readBack({ schema, apiKey }: ProvisionedTenant): Promise<Tenant | undefined> {
    return this.migrator.tenant(schema).catch((error: unknown) => {
      if (apiKey === undefined) throw error;
      return undefined;
    });
  }
}
