import { createTestDatabase, type TestDatabase } from '@workspace/postgres-testing';
import type { FailureAnswer } from './support/answers';
import { Cli } from './support/cli';

const SECRET = 'correct-horse-battery-staple';

describe('a database that cannot be used', () => {
  let database: TestDatabase;
  let owner: Cli;
  beforeAll(async () => {
    database = await createTestDatabase({ login: 'createrole' });
    owner = new Cli({ env: { DATABASE_URL: database.url } });
  });
  afterAll(async () => database.drop());

  it('is down: says where it was looked for', async () => {
    const down = as('postgres://someone', '127.0.0.1:1/demo');
    await expectText(down, await expectRefusal(down, 'DATABASE_UNREACHABLE', ['127.0.0.1:1', 'ECONNREFUSED', 'Start it']));
  });

  it('has a name that nobody knows: says which', async () => {
    await expectRefusal(as('postgres://someone', 'no-such-host.invalid/demo'), 'DATABASE_UNREACHABLE', ['no-such-host.invalid', 'DATABASE_URL']);
  });

  it('is not there: says so', async () => {
    await expectRefusal(new Cli({ env: { DATABASE_URL: `${database.url}_not` } }), 'DATABASE_UNREACHABLE', ['does not exist', 'DATABASE_URL']);
  });

  it('refuses the password: says so', async () => {
    const { username, host, pathname } = new URL(database.url);
    await expectRefusal(as(`postgres://${username}`, host + pathname), 'LOGIN_REFUSED', ['password', 'DATABASE_URL']);
  });

  it('gives the login no CREATE: names the GRANT', async () => {
    const login = await createLogin('nocreate', 'CREATEROLE');
    await expectText(login, await expectRefusal(login, 'PRIVILEGE_MISSING', ['GRANT CREATE ON DATABASE']));
  });

  it('gives the login no CREATEROLE: names the statement, and the way without', async () => {
    const login = await createLogin('norole', 'NOCREATEROLE');
    await database.query(`GRANT CREATE ON DATABASE ${database.name} TO ${await roleName('norole')}`);
    await expectRefusal(login, 'PRIVILEGE_MISSING', ['CREATEROLE', 'sharedRole']);
  });

  it('gives the login no CREATE in public: names the GRANT', async () => {
    const login = await createLogin('nopublic', 'CREATEROLE');
    await database.query(`GRANT CREATE ON DATABASE ${database.name} TO ${await roleName('nopublic')}`);
    await expectRefusal(login, 'PRIVILEGE_MISSING', ['GRANT CREATE ON SCHEMA public']);
  });

  it('was made by another login: tells this one whose tables it may not use', async () => {
    expect((await owner.run('init-public')).code).toBe(0);
    const stranger = await createLogin('stranger', 'CREATEROLE');
    await database.query(`GRANT CREATE ON DATABASE ${database.name} TO ${await roleName('stranger')}`);
    for (const command of [['status-public'], ['init-tenant', '--schema', 'demo']]) {
      await expectRefusal(stranger, 'PRIVILEGE_MISSING', ['tenancy_migrations'], command);
    }
  });

  it('hides the password in the debug log, too', async () => {
    const { stdout, stderr } = await as('postgres://someone', '127.0.0.1:1/demo').run('init-public', '--json', '--log-level', 'debug');
    expect(stderr).toContain('ECONNREFUSED');
    expect(stdout + stderr).not.toContain(SECRET);
  });

  async function createLogin(name: string, attribute: string): Promise<Cli> {
    const role = await roleName(name);
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}' ${attribute}`);
    const { host, pathname } = new URL(database.url);
    return as(`postgres://${role}`, host + pathname);
  }

  /** So named, the database takes the login with it when it is dropped. */
  async function roleName(name: string): Promise<string> {
    const [row] = await database.query<{ oid: number }>('SELECT oid FROM pg_database WHERE datname = current_database()');
    return `tm_${row?.oid}_${name}`;
  }
});

function as(user: string, place: string): Cli {
  return new Cli({ env: { DATABASE_URL: `${user}:${SECRET}@${place}` } });
}

/** The JSON holds the remedy and the facts; neither stream holds a stack or the secret. */
async function expectRefusal(cli: Cli, errorCode: string, facts: readonly string[], command: readonly string[] = ['init-public']): Promise<string> {
  const { code, answer, stderr } = await cli.json<FailureAnswer>(...command);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(answer).toMatchObject({ error: { code: errorCode }, applied: [] });
  const { message, remedy } = answer.error;
  expect(message.endsWith(remedy)).toBe(true);
  for (const fact of facts) expect(message).toContain(fact);
  expect(JSON.stringify(answer)).not.toContain(SECRET);
  return message;
}

/** The same without --json is that one message on stderr. */
async function expectText(cli: Cli, message: string): Promise<void> {
  const { code, stdout, stderr } = await cli.run('init-public');
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${message}\n` });
}
