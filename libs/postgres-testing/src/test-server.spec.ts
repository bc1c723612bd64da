import { Client } from 'pg';
import { startTestServer } from './test-server';

describe('the server of a test run', () => {
  it('is the one of TEST_DATABASE_URL, whatever else is set', async () => {
    const server = await startTestServer({ TEST_DATABASE_URL: 'postgres://me@db.example/x', TEST_POSTGRES: 'testcontainers' });
    expect(server.url).toBe('postgres://me@db.example/x');
    await server.stop();
  });

  it('is an embedded one where no Docker engine answers, and the reason is said', async () => {
    const { DOCKER_HOST } = process.env;
    process.env['DOCKER_HOST'] = '';
    const server = await startTestServer({ TEST_POSTGRES: 'embedded' });
    try {
      expect(server.kind).toBe('an embedded PostgreSQL 18 (TEST_POSTGRES)');
      const client = new Client({ connectionString: server.url });
      await client.connect();
      expect((await client.query('SELECT 1')).rowCount).toBe(1);
      await client.end();
    } finally {
      await server.stop();
    }
  });
});
