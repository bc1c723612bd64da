import { relative } from 'node:path';
import { type DevelopmentServer, type DevelopmentServerOptions, ensureDevelopmentServer } from './development-server';
import { resolveWorkspaceRoot } from './workspace-root';

/**
 * DATABASE_URL as it is when it is set. Else the URL of the checkout's development server, started if need be, put into
 * `process.env.DATABASE_URL` for this process and its children, and said on stderr in one line.
 * For the workspace's own scripts and targets only: a program that is shipped must insist on DATABASE_URL.
 * @throws EmbeddedPostgresError
 */
export async function ensureDatabaseUrl(options: DevelopmentServerOptions = {}): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given) return given;
  const server = await ensureDevelopmentServer(options);
  process.stderr.write(`${notice(server, resolveWorkspaceRoot(options.workspaceRoot))}\n`);
  process.env['DATABASE_URL'] = server.url;
  return server.url;
}

function notice({ version, host, port, dataFolder }: DevelopmentServer, workspaceRoot: string): string {
  const inCheckout = relative(workspaceRoot, dataFolder);
  const place = inCheckout.startsWith('..') ? `${dataFolder}, because the server cannot use this checkout` : inCheckout;
  const server = `the embedded PostgreSQL ${version} at ${host}:${port}, data in ${place}`;
  return `DATABASE_URL is not set: using ${server} (stop it: npm run db:stop)`;
}
