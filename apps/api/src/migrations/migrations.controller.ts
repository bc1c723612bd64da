import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Migrator, type TargetStatus } from 'tenancy-migrations';
import { ApiErrors } from '../errors/error.dto';
import { TargetStatusDto } from './target-status.dto';

/** What is applied where, and what is pending. */
@ApiTags('migrations')
@ApiBearerAuth()
@ApiErrors(401, 503)
@Controller()
export class MigrationsController {
  constructor(private readonly migrator: Migrator) {}

  @Get('migrations/public')
  @ApiOperation({ summary: 'How the public track stands' })
  @ApiOkResponse({ type: TargetStatusDto })
  ofPublic(): Promise<TargetStatus> {
    return this.migrator.statusPublic();
  }

  @Get('tenants/:schema/migrations')
  @ApiOperation({ summary: "How a tenant's schema stands" })
  @ApiOkResponse({ type: TargetStatusDto })
  @ApiErrors(400, 404)
  ofTenant(@Param('schema') schema: string): Promise<TargetStatus> {
    return this.migrator.status(schema);
  }
}
