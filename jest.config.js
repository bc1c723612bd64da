'use strict';
const { paths } = require('./tsconfig.base.json').compilerOptions;

/** One configuration for every project. `*.long.spec.ts` holds the figures that take minutes: `npm run test:long`. */
const long = process.env.TEST_LONG === '1';
module.exports = {
  testEnvironment: 'node',
  testMatch: long ? ['**/*.spec.ts'] : ['**/!(*.long).spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/', '/tools/bench/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.postgres/'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: Object.fromEntries(Object.entries(paths).map(([name, [file]]) => [`^${name}$`, file.replace('.', '<rootDir>')])),
  globalSetup: '<rootDir>/libs/postgres-testing/src/jest-global-setup.ts',
  globalTeardown: '<rootDir>/libs/postgres-testing/src/jest-global-teardown.ts',
  testTimeout: long ? 900_000 : 60_000,
  maxWorkers: 2,
};
