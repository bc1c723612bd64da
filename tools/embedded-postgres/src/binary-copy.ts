import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type BinaryPackage, linkSharedLibraries } from './binary-package';
import { makePrivateFolder, publish } from './folders';

/**
 * A copy of the package below `parent` (about 60 MB) that every user can read, made once for each version and user.
 * Needed where the server's user cannot enter the checkout, or where the shared libraries' links cannot be made in place.
 */
export function copyOf(original: BinaryPackage, parent: string): BinaryPackage {
  const copies = makePrivateFolder(join(parent, `tenancy-migrations-postgres-${process.getuid?.()}`));
  const copy = { ...original, folder: join(copies, original.version) };
  if (!isComplete(copy.folder, original.folder)) {
    const unfinished = mkdtempSync(`${copy.folder}-`);
    copyFolder(original.folder, unfinished);
    if (existsSync(copy.folder) && !isComplete(copy.folder, original.folder)) discard(copy.folder);
    publish(unfinished, copy.folder);
  }
  linkSharedLibraries(copy);
  return copy;
}

/** Systems clean their temporary folders file by file, by age. */
function isComplete(copy: string, original: string): boolean {
  return readdirSync(original, { withFileTypes: true }).every((entry) => {
    const [there, here] = [join(copy, entry.name), join(original, entry.name)];
    if (entry.isDirectory()) return isComplete(there, here);
    return existsSync(there) && (!entry.isFile() || statSync(there).size === statSync(here).size);
  });
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFile(source, target);
  }
}

/** Whatever the umask of the install was. */
function copyFile(source: string, target: string): void {
  copyFileSync(source, target);
  chmodSync(target, statSync(source).mode & 0o100 ? 0o755 : 0o644);
}

/** Out of the way first, in one step: nobody shall meet a folder that is half deleted. */
function discard(folder: string): void {
  const aside = `${folder}-old-${process.pid}`;
  renameSync(folder, aside);
  rmSync(aside, { recursive: true });
}
