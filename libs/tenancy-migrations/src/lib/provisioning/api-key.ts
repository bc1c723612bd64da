import { createHash, randomBytes } from 'node:crypto';

/** A new API key and what is stored of it. */
export interface NewApiKey {
  /** `tmk_` and 256 random bits, base64url; to be shown once. */
  readonly apiKey: string;
  /** SHA-256 of the key, hexadecimal. The key is random, so a plain digest cannot be searched. */
  readonly digest: string;
}

/** Lets secret scanners know a leaked key when they see one. */
const PREFIX = 'tmk_';

/** Makes an API key. */
export function createApiKey(): NewApiKey {
  const apiKey = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { apiKey, digest: digestOf(apiKey) };
}

/** The digest that the registry keeps for a key. */
function digestOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}
