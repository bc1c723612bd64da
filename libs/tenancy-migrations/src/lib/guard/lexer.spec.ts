import { tokenize } from './lexer';

/** Each token as `kind:text`; words alone. */
function read(sql: string): string[] {
  return tokenize(sql).map(({ kind, text }) => (kind === 'word' ? text : `${kind}:${text}`));
}

describe('tokenize', () => {
  it.each([
    ['nothing', '', []],
    ['blanks of every kind', ' \t\r\n\f\v ', []],
    ['words in upper case', 'Select fRom', ['SELECT', 'FROM']],
    ['words with digits, dollars and letters of other alphabets', 'a1 b$c _d ünï', ['A1', 'B$C', '_D', 'ÜNÏ']],
    ['numbers', '1 2.5 1e10', ['symbol:1', 'symbol:2.5', 'symbol:1e10']],
    ['symbols one by one', 'a::b;(c,', ['A', 'symbol::', 'symbol::', 'B', 'symbol:;', 'symbol:(', 'C', 'symbol:,']],
    ['parameters', 'a = $1', ['A', 'symbol:=', 'symbol:$', 'symbol:1']],
  ])('reads %s', (_, sql, tokens) => {
    expect(read(sql)).toEqual(tokens);
  });

  it.each([
    ['to the end of the line', 'a -- b ; c\nd', ['A', 'D']],
    ['to the end of the text', 'a --b', ['A']],
    ['ended by a carriage return', 'a -- b\rc', ['A', 'C']],
    ['not ended by other line separators', 'a -- b\u2028c', ['A']],
    ['in between', 'a/* b */c', ['A', 'C']],
    ['nested', 'a /* b /* c */ d */ e', ['A', 'E']],
    ['nested and never closed', 'a /* b /* c */ d', ['A']],
    ['with quotes inside', `a /* ' " $$ */ b`, ['A', 'B']],
    ['a line comment does not open a block', 'a -- /*\nb', ['A', 'B']],
    ['that look alike in a string', `'--' '/*' a`, ['string:--', 'string:/*', 'A']],
  ])('leaves comments out: %s', (_, sql, tokens) => {
    expect(read(sql)).toEqual(tokens);
  });

  it.each([
    ['plain', `'a b'`, ['string:a b']],
    ['empty', `''`, ['string:']],
    ['with a doubled quote', `'it''s' a`, [`string:it's`, 'A']],
    ['with a backslash, which is nothing special', `'\\' a`, ['string:\\', 'A']],
    ['with line breaks', `'a\nb'`, ['string:a\nb']],
    ['never closed', `'a; b`, ['string:a; b']],
    ['E, with a quote behind a backslash', `E'it\\'s' a`, [`string:it's`, 'A']],
    ['e, with a backslash behind a backslash', `e'\\\\' a`, ['string:\\', 'A']],
    ['E, with escaped blanks', `E'a\\nb\\tc'`, ['string:a\nb\tc']],
    ['E, continued on the next line', `E'a'\n'\\'b' c`, [`string:a'b`, 'C']],
    ['N, B, X and U&', `N'a' B'1' x'F' U&'d\\0061'`, ['string:a', 'string:1', 'string:F', 'string:da']],
    ['after a word that ends in e', `type'a'`, ['TYPE', 'string:a']],
    ['dollar-quoted', '$$a; b$$', ['string:a; b']],
    ['dollar-quoted with a tag', '$a$ $$ $b$ $a$ c', ['string: $$ $b$ ', 'C']],
    ['dollar-quoted with a tag of other letters', '$über$a$über$', ['string:a']],
    ['dollar-quoted, where tags differ in case', '$a$ $A$ $a$', ['string: $A$ ']],
    ['dollar-quoted and never closed', '$a$ b', ['string: b']],
    ['not opened by dollars inside a word', 'a$b$c', ['A$B$C']],
    ['not opened by parameters', '$1$2', ['symbol:$', 'symbol:1', 'symbol:$', 'symbol:2']],
  ])('reads strings: %s', (_, sql, tokens) => {
    expect(read(sql)).toEqual(tokens);
  });

  it.each([
    ['in their own case', '"Commit"', ['quoted:Commit']],
    ['with a doubled quote', '"a""b"', ['quoted:a"b']],
    ['with an apostrophe', `"it's" a`, [`quoted:it's`, 'A']],
    ['with a semicolon', '"a;b"', ['quoted:a;b']],
    ['U&', 'U&"role"', ['quoted:role']],
    ['side by side with words', 'a."b".c', ['A', 'symbol:.', 'quoted:b', 'symbol:.', 'C']],
  ])('reads quoted identifiers: %s', (_, sql, tokens) => {
    expect(read(sql)).toEqual(tokens);
  });

  it('says of each token where it stands', () => {
    const sql = `select 'it''s', "x" /* c */ from $a$y$a$;`;
    expect(tokenize(sql).map(({ start, end }) => sql.slice(start, end))).toEqual(['select', `'it''s'`, ',', '"x"', 'from', '$a$y$a$', ';']);
  });

  it.each(['comments', 'blanks', 'quotes'])('reads a megabyte of %s in no time', (what) => {
    const piece = { comments: '/* */--\n', blanks: ' \n\t', quotes: `'' "" ` }[what] ?? '';
    const started = performance.now();
    tokenize(`select ${piece.repeat(150_000)} 1`);
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
