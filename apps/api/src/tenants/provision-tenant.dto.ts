import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, ValidateIf } from 'class-validator';
import type { TenantRequest } from 'tenancy-migrations';

/** Absent is fine; unlike with `IsOptional`, null is not. */
const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** Who is to be born. The library decides which names it takes; here only the types are held to. */
export class ProvisionTenantDto implements TenantRequest {
  @IsString()
  @ApiProperty({ pattern: '^[a-z][a-z0-9_]{0,62}$', example: 'demo', description: 'Not public, information_schema, extensions, pg_*, tm_*, archived_*.' })
  readonly schema!: string;

  @IfGiven()
  @IsString()
  @ApiPropertyOptional({ maxLength: 255, example: 'Demo Ltd', description: "The display name. Default: the schema's name." })
  readonly name?: string;

  @IfGiven()
  @IsString()
  @ApiPropertyOptional({ maxLength: 255, example: 'demo.example.com', description: 'Unique among tenants. Default none.' })
  readonly domain?: string;
}
