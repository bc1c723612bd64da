export { ContainerUnavailableError, NoTestServerError, PostgresTestingError, UnknownTestServerError } from './errors';
export { APPLICATION_NAME, createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database';
