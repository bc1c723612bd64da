import { ensureDatabaseUrl } from './run-with-database';
import { makeCheckout, removeCheckout } from './spec-checkout';

const workspaceRoot = makeCheckout();
afterAll(() => removeCheckout(workspaceRoot));

describe('the database of a workspace command', () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  beforeEach(() => stderr.mockClear());
  afterAll(() => stderr.mockRestore());

  it('is the one of DATABASE_URL, without a word', async () => {
    process.env['DATABASE_URL'] = 'postgres://somebody@db.example/app';
    await expect(ensureDatabaseUrl({ workspaceRoot })).resolves.toBe('postgres://somebody@db.example/app');
    expect(stderr).not.toHaveBeenCalled();
  });

  it('is the development server otherwise, which it says in one line, once', async () => {
    delete process.env['DATABASE_URL'];
    const url = await ensureDatabaseUrl({ workspaceRoot });

    expect(process.env['DATABASE_URL']).toBe(url);
    await expect(ensureDatabaseUrl({ workspaceRoot })).resolves.toBe(url);
    expect(stderr).toHaveBeenCalledTimes(1);
    const [said] = stderr.mock.calls[0] ?? [];
    expect(said).toMatch(/^DATABASE_URL is not set: using the embedded PostgreSQL 18\.\d+ at 127\.0\.0\.1:\d+, .*\n$/);
    expect(said).toContain('data in .postgres/18/data (stop it: npm run db:stop)');
  });
});
