'use strict';
const { paths } = require('./tsconfig.base.json').compilerOptions;

// `*.long.spec.ts` takes minutes, `*.timing.spec.ts` wants the machine for itself; `npm run test:long` runs both, one after the other.
const MATCHES = { short: '**/!(*.long|*.timing).spec.ts', long: '**/!(*.timing).spec.ts', timing: '**/*.timing.spec.ts' };
const kind = process.env.TEST_TIMING === '1' ? 'timing' : process.env.TEST_LONG === '1' ? 'long' : 'short';

/** One configuration for every project. */
module.exports = {
  testEnvironment: 'node',
  testMatch: [MATCHES[kind]],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.postgres/'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: Object.fromEntries(Object.entries(paths).map(([name, [file]]) => [`^${name}$`, file.replace('.', '<rootDir>')])),
  globalSetup: '<rootDir>/libs/postgres-testing/src/jest-global-setup.ts',
  globalTeardown: '<rootDir>/libs/postgres-testing/src/jest-global-teardown.ts',
  testTimeout: kind === 'short' ? 60_000 : 900_000,
  maxWorkers: 2,
};
