/** Prints a measured figure, when figures are what the run is for. */
export function figure(text: string): void {
  if (process.env['TEST_LONG'] === '1' || process.env['TEST_TIMING'] === '1') process.stderr.write(`figure: ${text}\n`);
}

/** The middle one of an odd number of values. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
