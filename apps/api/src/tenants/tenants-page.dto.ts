import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

const LARGEST_ID = 2_147_483_647;

/** `Number` would take '', ' ', '1e3' and '0x10' as well. */
const WholeNumber = (): PropertyDecorator =>
  Transform(({ value }: TransformFnParams): unknown => (typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value));

/** Which tenants to list. The lowest rule is checked first. */
export class TenantsPageQuery {
  @Max(LARGEST_ID)
  @Min(0)
  @IsInt()
  @WholeNumber()
  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 0, description: '`next` of the page before.' })
  readonly after: number = 0;

  @Max(1000)
  @Min(1)
  @IsInt()
  @WholeNumber()
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 100 })
  readonly limit: number = 100;
}
