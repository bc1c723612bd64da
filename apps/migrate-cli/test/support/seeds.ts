/** Seeds for what is repeated at random: few in `npm test`, many in `npm run test:long`. */
export function seeds(short: number, long: number): number[] {
  return Array.from({ length: process.env['TEST_LONG'] === '1' ? long : short }, (_, index) => index + 1);
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One moment a seed, at random within its own share of the whole, so that together they cover it from 0 to 1. */
export function moments(all: readonly number[]): number[] {
  return all.map((seed, index) => (index + random(seed)()) / all.length);
}
