import type { ValidationError } from 'class-validator';
import { TenancyError } from 'tenancy-migrations';

/** The request has no token, or a wrong one. */
export class AdminTokenRequiredError extends TenancyError {
  readonly code = 'UNAUTHORIZED';
  constructor(what: string) {
    super(what, 'Send the value of ADMIN_TOKEN as the header "Authorization: Bearer <token>".');
  }
}

/** The body or the query is not what the route takes; the first problems are listed. Nothing was touched. */
export class InvalidRequestError extends TenancyError {
  readonly code = 'INVALID_REQUEST';
  constructor(problems: readonly string[]) {
    super(`The request is not valid: ${problems.join('; ')}`, 'Correct it and send it again; /docs describes every route.', { problems });
  }
}

const MOST_PROBLEMS = 10;
const LONGEST_PROBLEM = 200;

/** The error for what class-validator found. Names of properties come from the client, so their length and number are bounded. */
export function invalidRequest(found: readonly ValidationError[]): InvalidRequestError {
  const problems = found.slice(0, MOST_PROBLEMS).flatMap(({ constraints = {} }) => Object.values(constraints));
  return new InvalidRequestError(problems.map((problem) => problem.slice(0, LONGEST_PROBLEM)));
}
