import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { succeed } from './program';

/** What the tests read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: readonly string[];
}

/** What `npm publish` would upload. */
export class Tarball {
  private constructor(readonly file: string, private readonly contents: string) {}

  /** Packs a built package into `folder`, and unpacks it there to be looked at. */
  static async pack(built: string, folder: string): Promise<Tarball> {
    const contents = join(folder, 'contents');
    mkdirSync(contents, { recursive: true });
    await succeed('npm', ['pack', '--pack-destination', folder], { cwd: built });
    const file = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none.tgz';
    await succeed('tar', ['-xzf', join('..', file)], { cwd: contents });
    return new Tarball(join(folder, file), join(contents, 'package'));
  }

  get manifest(): Manifest {
    return this.manifestOf('.');
  }

  /** The manifest of a package that travels inside of this one. */
  manifestOf(folder: string): Manifest {
    return JSON.parse(this.read(join(folder, 'package.json'))) as Manifest;
  }

  /** The paths of its own files, without those of bundled packages, sorted. */
  get files(): string[] {
    const entries = readdirSync(this.contents, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = entries.map((entry) => relative(this.contents, join(entry.parentPath, entry.name)).split(sep).join('/'));
    return paths.filter((path) => !path.startsWith('node_modules/')).sort();
  }

  read(path: string): string {
    return readFileSync(join(this.contents, path), 'utf8');
  }
}
