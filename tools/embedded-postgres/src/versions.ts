import { UnsupportedVersionError } from './errors';

const VERSIONS = ['15', '16', '17', '18'] as const;

/** A major version of PostgreSQL. */
export type PostgresVersion = (typeof VERSIONS)[number];

/** The version of the npm package that the workspace installs. */
export const DEFAULT_VERSION = '18';

/** @throws UnsupportedVersionError */
export function parseVersion(text: string): PostgresVersion {
  const version = VERSIONS.find((known) => known === text);
  if (!version) throw new UnsupportedVersionError(text, VERSIONS);
  return version;
}
