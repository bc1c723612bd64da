import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { ensureDatabaseUrl } from '@workspace/embedded-postgres';

const COMMANDS = [
  ['init-public'],
  ['init-tenant', '--schema', 'demo'],
  ['init-tenant', '--schema', 'client_abc'],
  ['status', '--schema', 'demo'],
  ['status', '--schema', 'client_abc'],
];

/** `npm start`: a server, both tracks, two tenants with real tables, and the API; each command is shown as one would type it. Safe to repeat. */
async function main(): Promise<void> {
  await ensureDatabaseUrl();
  for (const command of COMMANDS) {
    process.stdout.write(`\n$ npm run migrate -- ${command.join(' ')}\n`);
    const { status } = spawnSync(process.execPath, ['-r', './tools/register.js', 'apps/migrate-cli/src/main.ts', ...command], { stdio: 'inherit' });
    if (status !== 0) {
      process.exitCode = status ?? 1;
      return;
    }
  }
  process.stdout.write('\n$ npm run api\n');
  require(resolve('apps/api/src/main.ts'));
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
