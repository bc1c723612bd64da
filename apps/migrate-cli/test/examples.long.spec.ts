import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import { Cli } from './support/cli';

/** In the order in which a reader would try them. */
const COMMANDS = ['init-public', 'upgrade-public', 'status-public', 'init-tenant', 'upgrade-tenant', 'status', 'rotate-api-key'];

describe('the example in --help', () => {
  let database: TestDatabase;
  let cli: Cli;
  beforeAll(async () => {
    database = await createTestDatabase({ login: 'createrole' });
    cli = new Cli({ env: { DATABASE_URL: database.url } });
  });
  afterAll(async () => database.drop());

  it.each(COMMANDS)('of %s works as it stands', async (command) => {
    const example = /^Example:\n {2}\$ migrate-cli (.*)$/m.exec((await cli.run(command, '--help')).stdout)?.[1] ?? '';
    const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([word, quoted]) => quoted ?? word);
    expect(words[0]).toBe(command);
    const { code, stdout } = await cli.run(...words);
    expect(code).toBe(0);
    expect(stdout).not.toBe('');
  });
});
