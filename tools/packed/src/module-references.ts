import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Tarball } from './tarball';

const REFERENCE = /\b(?:from|import|require)\b\s*\(?\s*(["'])(?<name>[^"'\n]+)\1/g;

/** Everything that code or declarations of a package refer to and a user of it would not find. */
export function danglingReferences(tarball: Tarball): string[] {
  const { files, manifest } = tarball;
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return files.filter((file) => /\.(js|ts)$/.test(file)).flatMap((file) =>
    referencesOf(tarball.read(file))
      .filter((name) => !(name.startsWith('.') ? isThere(files, file, name) : isBuiltin(name) || declared.includes(packageOf(name))))
      .map((name) => `${file}: ${name}`));
}

function referencesOf(source: string): string[] {
  return [...source.matchAll(REFERENCE)].map((match) => match.groups?.['name'] ?? '');
}

/** A declaration refers to declarations, code to code. */
function isThere(files: readonly string[], from: string, name: string): boolean {
  const path = posix.join(posix.dirname(from), name);
  const extension = from.endsWith('.d.ts') ? '.d.ts' : '.js';
  return files.includes(`${path}${extension}`) || files.includes(`${path}/index${extension}`);
}

function packageOf(name: string): string {
  return name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
}
