import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Migrator, PublicTrackBehindError } from 'tenancy-migrations';
import { OpenToAll } from '../access/admin-token.guard';
import { ApiErrors } from '../errors/error.dto';
import { HealthDto } from './health.dto';

/** For whoever restarts the process, and for whoever sends it traffic. */
@ApiTags('health')
@OpenToAll(true)
@Controller('health')
export class HealthController {
  constructor(private readonly migrator: Migrator) {}

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ type: HealthDto })
  live(): HealthDto {
    return new HealthDto();
  }

  @Get('ready')
  @ApiOperation({ summary: 'The database answers, and its public track is at head' })
  @ApiOkResponse({ type: HealthDto })
  @ApiErrors(503)
  async ready(): Promise<HealthDto> {
    // The library's own tables are not part of the public track's status; listing needs them.
    await this.migrator.tenants({ limit: 1 });
    const { pending } = await this.migrator.statusPublic();
    if (pending.length > 0) throw new PublicTrackBehindError(pending, true);
    return new HealthDto();
  }
}
