import { escapePath, globSync } from 'tinyglobby';
import { InvalidOptionsError } from './core/errors';

/**
 * Replaces each glob by the files that it matches, as patterns that match nothing else; classes stay.
 *
 * @param list for the message: which list of the options this is
 * @throws InvalidOptionsError for each glob without a file: it would load nothing, and "nothing pending" would be the answer
 */
export function expandGlobs<T>(list: string, entries: readonly (T | string)[]): (T | string)[] {
  const problems: string[] = [];
  const expanded = entries.flatMap((entry): (T | string)[] => {
    if (typeof entry !== 'string') return [entry];
    const files = globSync(entry, { absolute: true }).filter((file) => !/\.d\.[cm]?ts$/.test(file));
    if (files.length === 0) problems.push(`${list} matches no file: ${entry}`);
    return files.map(escapePath);
  });
  if (problems.length > 0) throw new InvalidOptionsError(problems);
  return expanded;
}
