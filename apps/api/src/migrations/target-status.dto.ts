import { ApiProperty } from '@nestjs/swagger';
import type { TargetStatus, Track } from 'tenancy-migrations';

const names = (description: string) => ({ type: String, isArray: true, description });

/** How a target stands: the shape of `status --json`. */
export class TargetStatusDto implements TargetStatus {
  @ApiProperty({ enum: ['public', 'tenant'] })
  readonly track!: Track;

  @ApiProperty({ example: 'demo' })
  readonly schema!: string;

  @ApiProperty({ type: String, nullable: true, description: 'The applied migration with the greatest timestamp.' })
  readonly revision!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The last known migration of the track.' })
  readonly head!: string | null;

  @ApiProperty()
  readonly upToDate!: boolean;

  @ApiProperty(names('In the history, oldest first.'))
  readonly applied!: readonly string[];

  @ApiProperty(names('Known in code but not applied, oldest first.'))
  readonly pending!: readonly string[];

  @ApiProperty(names('Applied but unknown in code.'))
  readonly missing!: readonly string[];

  @ApiProperty(names('Pending but older than the revision.'))
  readonly outOfOrder!: readonly string[];
}
