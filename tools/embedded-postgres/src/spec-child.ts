import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** For specs: a process of its own that uses the launcher, as another user or in another environment. */
export interface SpecChild {
  /** Its user id once it has loaded its code; the gid is the same. */
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs statements of JavaScript in which `launcher` is the package. */
export function spawnScript(script: string, { uid, env }: SpecChild = {}): ChildProcess {
  const become = uid === undefined ? '' : `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});`;
  const code = `const launcher = require('@workspace/embedded-postgres'); ${become} ${script}`;
  const register = join(__dirname, '..', '..', 'register.js');
  return spawn(process.execPath, ['-r', register, '-e', code], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The value of an asynchronous expression, through JSON. */
export async function evaluate<T>(expression: string, options?: SpecChild): Promise<T> {
  const child = spawnScript(`(async () => console.log(JSON.stringify(await ${expression})))()`, options);
  if (!child.stdout || !child.stderr) throw new SpecChildError('no pipes');
  const [output, problems, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new SpecChildError(problems);
  return JSON.parse(output) as T;
}

class SpecChildError extends Error {
  readonly code = 'SPEC_CHILD_FAILED';
}
