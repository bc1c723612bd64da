import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOf } from './binary-copy';
import { linkSharedLibraries } from './binary-package';
import { UnsafeFolderError } from './errors';

const LINKS = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }];
let parent: string;
let original: { folder: string; version: string };

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'binaries-'));
  original = { folder: join(parent, 'package'), version: '1.2.3' };
  for (const folder of ['native/bin', 'native/lib']) mkdirSync(join(original.folder, folder), { recursive: true, mode: 0o700 });
  writeFileSync(join(original.folder, 'native/bin/postgres'), 'program', { mode: 0o700 });
  writeFileSync(join(original.folder, 'native/lib/libx.so.1.2'), 'library', { mode: 0o600 });
  writeFileSync(join(original.folder, 'native/pg-symlinks.json'), JSON.stringify(LINKS));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('a package of binaries', () => {
  it('gets the links that its install script did not make', () => {
    expect(linkSharedLibraries(original)).toBe(true);
    expect(linkSharedLibraries(original)).toBe(true);
    expect(readlinkSync(join(original.folder, 'native/lib/libx.so.1'))).toBe('libx.so.1.2');
  });
});

describe('a copy of the binaries', () => {
  it('can be used by everybody, whatever the umask of the install was', () => {
    const { folder } = copyOf(original, parent);
    const modes = ['', 'native', 'native/bin/postgres', 'native/lib/libx.so.1'].map((path) => statSync(join(folder, path)).mode & 0o777);

    expect(modes).toEqual([0o755, 0o755, 0o755, 0o644]);
    expect(readFileSync(join(folder, 'native/lib/libx.so.1'), 'utf8')).toBe('library');
  });

  it('is made once, and again when the system cleaned files away', () => {
    const { folder } = copyOf(original, parent);
    const made = statSync(folder).ino;
    expect(statSync(copyOf(original, parent).folder).ino).toBe(made);
    rmSync(join(folder, 'native/lib/libx.so.1.2'));

    expect(existsSync(join(copyOf(original, parent).folder, 'native/lib/libx.so.1'))).toBe(true);
    expect(readdirSync(join(folder, '..'))).toEqual(['1.2.3']);
  });

  it('is not taken from a folder that others can change', () => {
    const { folder } = copyOf(original, parent);
    chmodSync(join(folder, '..'), 0o777);
    expect(() => copyOf(original, parent)).toThrow(UnsafeFolderError);
  });
});
