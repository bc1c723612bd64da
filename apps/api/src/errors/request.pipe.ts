import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { InvalidRequestError, invalidRequest } from './request-errors';

/** No route takes more than a list in an object. */
const DEEPEST = 4;

/** Holds bodies and queries to their classes: no property too many, none of another type. */
@Injectable()
export class RequestPipe extends ValidationPipe {
  constructor() {
    super({ transform: true, whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true, exceptionFactory: invalidRequest });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Validation walks the value by recursion: 64 kB of brackets would overflow its stack.
    if (isDeeperThan(DEEPEST, value)) throw new InvalidRequestError([`it is nested deeper than ${DEEPEST} levels`]);
    return super.transform(value, metadata);
  }
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
