import { ImATeapotException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import * as library from 'tenancy-migrations';
import { errorAnswer } from '../src/errors/error-answer';
import { AdminTokenRequiredError, InvalidRequestError } from '../src/errors/request-errors';

const place = { schema: 'demo', migration: 'AddX1', statement: 'ALTER TABLE x' };

describe('the answer to an error', () => {
  it.each<[number, library.TenancyError]>([
    [400, new library.InvalidNameError('Demo', 'it is not')],
    [400, new library.InvalidTenantError('domain', 'is empty')],
    [400, new InvalidRequestError(['x'])],
    [401, new AdminTokenRequiredError('none')],
    [404, new library.UnknownTenantError('demo')],
    [409, new library.DomainTakenError('a.example')],
    [409, new library.UnregisteredSchemaError('demo')],
    [409, new library.TenantNotActiveError('demo', 'suspended', 'Wake it.')],
    [409, new library.TenantDiffersError('demo', null, 'a.example')],
    [409, new library.RoleExistsError('tm_1_1', undefined)],
    [409, new library.OutOfOrderError('demo', ['A1'])],
    [500, new library.MigrationFailedError(place, 'no', '42P01', undefined)],
    [500, new library.IsolationViolationError(place, 'public.x')],
    [500, new library.RefusedStatementError('COMMIT', 'no')],
    [500, new library.DirectConnectionRequiredError('demo', 'A1')],
    [500, new library.DatabaseAccessError('PRIVILEGE_MISSING', 'no', 'Grant it.')],
    [503, new library.DatabaseAccessError('DATABASE_UNREACHABLE', 'no', 'Start it.')],
    [503, new library.DatabaseAccessError('LOGIN_REFUSED', 'no', 'Correct it.')],
    [503, new library.LockedError('demo', 1, undefined)],
    [503, new library.PublicTrackBehindError([], true)],
    [503, new library.StoppedError('demo', [])],
  ])('is %i with the document of %s', (status, error) => {
    expect(errorAnswer(error)).toEqual({ status, error: error.toJSON() });
  });

  it('tells what Nest and the body parser found wrong with a request', () => {
    expect(errorAnswer(new NotFoundException('Cannot GET /x'))).toMatchObject({ status: 404, error: { code: 'NOT_FOUND', message: expect.stringMatching(/^Cannot GET/) } });
    expect(errorAnswer(new ImATeapotException())).toMatchObject({ status: 418, error: { code: 'INVALID_REQUEST' } });
    expect(errorAnswer(Object.assign(new Error('too large'), { status: 413, expose: true }))).toMatchObject({ status: 413, error: { code: 'BODY_TOO_LARGE' } });
  });

  it.each([
    new Error('SELECT secret FROM somewhere'),
    Object.assign(new Error('SELECT secret'), { status: 400 }),
    Object.assign(new Error('SELECT secret'), { status: 500, expose: true }),
    new InternalServerErrorException('SELECT secret'),
    'SELECT secret', undefined, null, { code: 'UNKNOWN_TENANT', message: 'SELECT secret' },
  ])('says nothing of what nobody foresaw: %#', (thrown) => {
    const answer = errorAnswer(thrown);
    expect(answer).toMatchObject({ status: 500, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toMatch(/SELECT|secret/);
  });
});
