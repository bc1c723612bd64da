import { readConfiguration } from '../src/configuration';
import { ConfigurationError } from '../src/startup-errors';

const DATABASE_URL = 'postgres://user:hidden@localhost:5432/app';

describe('the configuration', () => {
  it('needs a database and no more', () => {
    expect(readConfiguration({ DATABASE_URL })).toEqual({
      databaseUrl: DATABASE_URL, directDatabaseUrl: undefined, host: '127.0.0.1', port: 3000,
      adminToken: expect.stringMatching(/^tma_[\w-]{43}$/), adminTokenIsNew: true,
    });
  });

  it('makes up another token every time', () => {
    expect(readConfiguration({ DATABASE_URL }).adminToken).not.toBe(readConfiguration({ DATABASE_URL }).adminToken);
  });

  it('takes what it is given', () => {
    const given = { DATABASE_URL, DIRECT_DATABASE_URL: 'postgresql://direct/app', HOST: '0.0.0.0', PORT: '65535', ADMIN_TOKEN: 'mine', NODE_ENV: 'production' };
    expect(readConfiguration(given)).toEqual({
      databaseUrl: DATABASE_URL, directDatabaseUrl: 'postgresql://direct/app', host: '0.0.0.0', port: 65535, adminToken: 'mine', adminTokenIsNew: false,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const { directDatabaseUrl, host, port, adminTokenIsNew } = readConfiguration({ DATABASE_URL, DIRECT_DATABASE_URL: '', HOST: '', PORT: '', ADMIN_TOKEN: '' });
    expect([directDatabaseUrl, host, port, adminTokenIsNew]).toEqual([undefined, '127.0.0.1', 3000, true]);
  });

  it.each(['-1', '65536', '3000.5', '0x10', '1e3', 'http', ' 3000', '999999'])('refuses PORT=%j', (PORT) => {
    expect(() => readConfiguration({ DATABASE_URL, PORT })).toThrow(/^PORT is not a whole number from 0 to 65535/);
  });

  it.each(['two words', 'naïve', 'line\nbreak'])('refuses ADMIN_TOKEN=%j, which no header can carry', (ADMIN_TOKEN) => {
    expect(() => readConfiguration({ DATABASE_URL, ADMIN_TOKEN })).toThrow(/^ADMIN_TOKEN holds/);
  });

  it.each([undefined, ''])('insists on ADMIN_TOKEN in production: %j', (ADMIN_TOKEN) => {
    expect(() => readConfiguration({ DATABASE_URL, ADMIN_TOKEN, NODE_ENV: 'production' })).toThrow(/^ADMIN_TOKEN is not set/);
  });

  it('tells every problem at once, and repeats no value', () => {
    const broken = { DATABASE_URL: 'mysql://user:hidden@host/x', DIRECT_DATABASE_URL: 'hidden', PORT: 'hidden', NODE_ENV: 'production' };
    expect(problemsOf(broken).map((problem) => problem.split(' ')[0])).toEqual(['DATABASE_URL', 'DIRECT_DATABASE_URL', 'PORT', 'ADMIN_TOKEN']);
    expect(problemsOf(broken).join()).not.toContain('hidden');
  });
});

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.fields['problems'] as string[];
  }
  return [];
}
