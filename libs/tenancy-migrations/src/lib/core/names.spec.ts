import { InvalidNameError } from './errors';
import { parseSchemaName, quoteIdentifier } from './names';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const REST = `${LETTERS}0123456789_`;

/** Written apart from the pattern that the code uses. */
function isAcceptable(text: string): boolean {
  const characters = [...text];
  return characters.length >= 1 && characters.length <= 63 && LETTERS.includes(characters[0] ?? ' ')
    && characters.every((character) => REST.includes(character))
    && !['public', 'information_schema', 'extensions'].includes(text)
    && !['pg_', 'tm_', 'archived_'].some((prefix) => text.startsWith(prefix));
}

/** Always the same 500 strings: nearly names, with a few characters that are none, up to a few too long. */
function randomStrings(): string[] {
  let seed = 20260101;
  const below = (limit: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * limit);
  };
  const strange = ['A', 'Z', '-', '.', ' ', '"', "'", ';', '$', '/', '\\', '\n', '\0', 'é', 'ß', 'ı', '漢', '🐘', '%', '\u202e', '０'];
  const character = (): string => (below(20) === 0 ? strange[below(strange.length)] : REST[below(REST.length)]) ?? '';
  return Array.from({ length: 500 }, () => Array.from({ length: below(70) }, character).join(''));
}

describe('parseSchemaName', () => {
  it.each([
    'a', 'demo', 'client_abc', 'a1', 'a__', 'z9_9', 'publics', 'pg', 'pgdemo', 'tm', 'archive', 'extension', 'a'.repeat(63),
  ])('accepts %s as it is', (name) => {
    expect(parseSchemaName(name)).toBe(name);
  });

  it.each([
    ['nothing', ''], ['a blank', ' '], ['a name in blanks', ' demo '], ['a trailing newline', 'demo\n'], ['a leading digit', '1demo'],
    ['a leading underscore', '_demo'],
    ['an upper-case letter', 'Demo'], ['a hyphen', 'client-abc'], ['a dot', 'public.demo'], ['a semicolon', 'demo;drop schema public'],
    ['a quote', 'de"mo'],
    ['an apostrophe', "de'mo"], ['a path', '../etc'], ['a dollar sign', 'de$mo'], ['a NUL', 'demo\0'], ['an accent', 'café'],
    ['a full-width letter', 'ｄemo'],
    ['a Kelvin sign', '\u212aelvin'], ['an emoji', 'demo🐘'], ['64 characters', 'a'.repeat(64)], ['a million characters', 'a'.repeat(1_000_000)],
  ])('refuses %s', (_, name) => {
    expect(() => parseSchemaName(name)).toThrow(InvalidNameError);
  });

  it.each([
    'public', 'information_schema', 'extensions', 'pg_catalog', 'pg_temp', 'pg_demo', 'pg_', 'tm_', 'tm_scratch_1', 'archived_', 'archived_demo',
  ])('refuses %s, which belongs to PostgreSQL or to this library', (name) => {
    expect(() => parseSchemaName(name)).toThrow(/reserved/);
  });

  it.each([
    undefined, null, 0, 7, true, {}, [], ['demo'], Symbol('demo'), new String('demo'), () => 'demo', { toString: () => 'demo' },
  ])('refuses what is no string: %p', (value) => {
    expect(() => parseSchemaName(value)).toThrow(InvalidNameError);
  });

  it('accepts of 500 random strings just those that fit, unchanged', () => {
    const accepted = randomStrings().filter((text) => {
      try {
        return parseSchemaName(text) === text;
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidNameError);
        return false;
      }
    });
    expect(accepted).toEqual(randomStrings().filter(isAcceptable));
    expect(accepted.length).toBeGreaterThan(20);
    expect(accepted.every((text) => Buffer.byteLength(text) <= 63)).toBe(true);
  });

  it('shows a refused name shortened, and as one line', () => {
    expect(() => parseSchemaName(`x\n${'y'.repeat(500)}`))
      .toThrow(expect.objectContaining({ code: 'INVALID_NAME', message: expect.stringMatching(/^.{0,300}$/) }));
  });
});

describe('quoteIdentifier', () => {
  it.each([['demo', '"demo"'], ['De mo', '"De mo"'], ['a"b', '"a""b"'], ['""', '""""""'], ['', '""']])('quotes %s as %s', (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });
});
