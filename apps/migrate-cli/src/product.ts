import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { escapePath } from 'tinyglobby';
import { parseProduct, type ProductOptions, type TrackOptions } from 'tenancy-migrations';
import { UsageError } from './usage-error';

/**
 * Loads a product's wiring: a CommonJS or ES module, or TypeScript where the process has a loader for it. Globs in it are relative to its folder.
 *
 * @param file from --config or TENANCY_CONFIG; without one, the config that was built with the program
 * @throws UsageError, InvalidOptionsError
 */
export async function loadProduct(file: string | undefined): Promise<ProductOptions> {
  const path = file === undefined ? builtInConfig() : resolve(file);
  const product = parseProduct(await load(path));
  return { ...product, public: anchored(product.public, dirname(path)), tenant: anchored(product.tenant, dirname(path)) };
}

function builtInConfig(): string {
  const path = ['.js', '.ts'].map((extension) => join(__dirname, `tenancy.config${extension}`)).find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new UsageError('No config file is named', 'Pass --config <file> or set TENANCY_CONFIG: a module that exports { public, tenant }.');
  }
  return path;
}

async function load(path: string): Promise<unknown> {
  const require = createRequire(__filename);
  const byRequire = /\.[cm]?ts$/.test(path) && Object.hasOwn(require.extensions, '.ts');
  try {
    const loaded: unknown = byRequire ? require(path) : await import(pathToFileURL(path).href);
    return unwrap(unwrap(loaded));
  } catch (error) {
    throw new UsageError(`The config file ${path} does not load: ${error instanceof Error ? error.message : String(error)}`, remedyFor(path), error);
  }
}

function remedyFor(path: string): string {
  if (!existsSync(path)) return 'Correct the path.';
  return /\.[cm]?ts$/.test(path) ? 'Compile it first, or start the program with a TypeScript loader (node -r <loader>).' : 'Correct the file and run again.';
}

/** `export default` seen from CommonJS, from an ES module, or from both on top of each other. */
function unwrap(loaded: unknown): unknown {
  if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) return loaded;
  return typeof loaded.default === 'object' && loaded.default !== null ? loaded.default : loaded;
}

function anchored(track: TrackOptions, folder: string): TrackOptions {
  const anchor = <T>(entry: T): T | string => (typeof entry === 'string' && !isAbsolute(entry) ? `${escapePath(folder)}/${entry}` : entry);
  return { entities: track.entities?.map(anchor) ?? [], migrations: track.migrations?.map(anchor) ?? [] };
}
