import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { succeed } from './program';

const WORKSPACE = join(__dirname, '../../..');
const SOURCES = ['apps', 'libs', 'tools', 'LICENSE', 'package.json', 'tsconfig.base.json'];
const LEFT_OUT = ['node_modules', 'dist', 'fixtures'];

/**
 * Copies the workspace's sources into a new folder and builds them there: `npm run build` begins with removing dist/, and other tests run what is in it.
 *
 * @returns the folder of the copy's dist/
 */
export async function buildWorkspace(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const name of SOURCES) {
    cpSync(join(WORKSPACE, name), join(folder, name), { recursive: true, filter: (source) => !LEFT_OUT.includes(basename(source)) });
  }
  symlinkSync(join(WORKSPACE, 'node_modules'), join(folder, 'node_modules'));
  await succeed('npm', ['run', 'build'], { cwd: folder });
  return join(folder, 'dist');
}
