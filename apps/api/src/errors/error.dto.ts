import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';

/** An error, as the documentation shows it. */
export class ErrorDocument {
  @ApiProperty({ description: 'Stable across releases; programs may rely on it.', example: 'UNKNOWN_TENANT' })
  readonly code!: string;

  @ApiProperty({ description: 'What happened, ending with the remedy.' })
  readonly message!: string;

  @ApiProperty({ description: 'What to do about it, one sentence.' })
  readonly remedy!: string;
}

const DESCRIPTIONS = {
  400: 'INVALID_NAME, INVALID_TENANT or INVALID_REQUEST: nothing was touched',
  401: 'UNAUTHORIZED: no admin token, or a wrong one',
  404: 'UNKNOWN_TENANT: no tenant is registered for this schema',
  409: 'DOMAIN_TAKEN, UNREGISTERED_SCHEMA, TENANT_DIFFERS, TENANT_NOT_ACTIVE, ...: what is there does not allow it',
  413: 'BODY_TOO_LARGE: more than 64 kB',
  500: 'MIGRATION_FAILED, ISOLATION_VIOLATION, ...: what was applied before stays; send the request again after the cause is gone',
  503: 'PUBLIC_TRACK_BEHIND, DATABASE_UNREACHABLE or LOCKED: try again after Retry-After seconds',
} as const;

/** Documents the errors of a route or of a controller. */
export function ApiErrors(...statuses: (keyof typeof DESCRIPTIONS)[]): MethodDecorator & ClassDecorator {
  const error = { allOf: [{ $ref: getSchemaPath(ErrorDocument) }], additionalProperties: true, description: 'More fields, by code.' };
  const schema = { type: 'object', required: ['error'], properties: { error } };
  return applyDecorators(ApiExtraModels(ErrorDocument), ...statuses.map((status) => ApiResponse({ status, description: DESCRIPTIONS[status], schema })));
}
