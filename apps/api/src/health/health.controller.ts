import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OpenToAll } from '../access/admin-token.guard';
import { ApiErrors } from '../errors/error.dto';
import { HealthDto } from './health.dto';
import { Readiness } from './readiness';

/** For whoever restarts the process, and for whoever sends it traffic. */
@ApiTags('health')
@OpenToAll(true)
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

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
    await this.readiness.require();
    return new HealthDto();
  }
}
