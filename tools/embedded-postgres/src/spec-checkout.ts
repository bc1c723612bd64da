import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findDevelopmentFolder } from './development-folder';
import { stopDevelopmentServer } from './development-server';
import { fastestTemporaryFolder } from './fastest-temporary-folder';

/** For specs: an empty folder that stands for a checkout, `<temporary folder>/checkout-.../workspace`, in memory to spare the disk. */
export function makeCheckout(): string {
  const above = mkdtempSync(join(fastestTemporaryFolder(), 'checkout-'));
  chmodSync(above, 0o755);
  const workspaceRoot = join(above, 'workspace');
  mkdirSync(workspaceRoot);
  return workspaceRoot;
}

/** With its server and its data, wherever they are. */
export async function removeCheckout(workspaceRoot: string): Promise<void> {
  await stopDevelopmentServer({ workspaceRoot });
  const folder = findDevelopmentFolder(workspaceRoot);
  for (const path of [folder && dirname(folder.path), dirname(workspaceRoot)]) if (path) rmSync(path, { recursive: true, force: true });
}
