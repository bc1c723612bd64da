import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT, WORKSPACE, type Program } from './cli';

const SOURCES = ['apps/migrate-cli/src', 'libs/tenancy-migrations/src', 'libs/database/src', 'tools/build.js', 'tsconfig.base.json'];

/** The built program, built anew if it is missing or older than a source. */
export function builtProgram(): Program {
  const builtAt = statSync(String(BUILT[0]), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (SOURCES.some((source) => newest(join(WORKSPACE, source)) > builtAt)) execFileSync('npm', ['run', 'build'], { cwd: WORKSPACE, stdio: 'pipe' });
  return BUILT;
}

function newest(path: string): number {
  const stats = statSync(path);
  return stats.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name)))) : stats.mtimeMs;
}
