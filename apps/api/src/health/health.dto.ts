import { ApiProperty } from '@nestjs/swagger';

/** How this API is told from any other program that answers on a port. */
export const SERVICE = 'tenancy-migrations-api';

/** The API answers; with /health/ready, it can also do its work. */
export class HealthDto {
  @ApiProperty({ type: String, example: 'ok' })
  readonly status = 'ok';

  @ApiProperty({ type: String, example: SERVICE })
  readonly service = SERVICE;
}
