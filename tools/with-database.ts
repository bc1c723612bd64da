import { resolve } from 'node:path';
import { ensureDatabaseUrl } from '@workspace/embedded-postgres';

/**
 * `node -r ./tools/register.js tools/with-database.ts <program> [arguments]` runs a program of the workspace from its sources, on the embedded
 * PostgreSQL unless DATABASE_URL is set. The programs themselves never start a server: only the workspace's scripts and Nx targets do, here.
 */
async function main(): Promise<void> {
  const [program, ...args] = process.argv.slice(2);
  if (program === undefined) throw new TypeError('with-database.ts needs the program to run');
  await ensureDatabaseUrl();
  process.argv.splice(1, process.argv.length, resolve(program), ...args);
  require(resolve(program));
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
