/** A lexical element of SQL. Words are upper-cased; quoted identifiers and strings carry their content. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'symbol';
  readonly text: string;
  /** Where it stands in the source, for cutting statements out. */
  readonly start: number;
  readonly end: number;
}

const BLANK = /(?:\s+|--[^\n\r]*)+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const PREFIXED_STRING = /(?:[eE]|[nN]|[bB]|[xX]|[uU]&)?'/y;
const ESCAPE = /\\(?:x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4}|[0-7]{1,3}|[\s\S])/y;
const CONTROL: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const QUOTED_IDENTIFIER = /(?:[uU]&)?"/y;

/**
 * Splits SQL as PostgreSQL's scanner does with `standard_conforming_strings` on (the default since 9.1): nested comments, dollar quotes,
 * `E''` strings, doubled quotes. Comments and blanks are left out. What never closes runs to the end.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const end = skipBlank(sql, at);
    if (end > at) {
      at = end;
      continue;
    }
    const token = readToken(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function skipBlank(sql: string, at: number): number {
  const blank = match(BLANK, sql, at);
  if (blank) return at + blank.length;
  return sql.startsWith('/*', at) ? endOfComment(sql, at) : at;
}

function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (const { 0: mark, index } of sql.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return start + index + 2;
  }
  return sql.length;
}

function readToken(sql: string, start: number): Token {
  const string = match(PREFIXED_STRING, sql, start);
  if (string) return unicode(string, quoted('string', sql, start, string.length, "'", /^[eE]/.test(string)));
  const identifier = match(QUOTED_IDENTIFIER, sql, start);
  if (identifier) return unicode(identifier, quoted('quoted', sql, start, identifier.length, '"', false));
  const tag = match(DOLLAR_TAG, sql, start);
  if (tag) return dollarQuoted(sql, start, tag);
  const word = match(WORD, sql, start);
  if (word) return { kind: 'word', text: word.toUpperCase(), start, end: start + word.length };
  const symbol = match(NUMBER, sql, start) ?? sql.charAt(start);
  return { kind: 'symbol', text: symbol, start, end: start + symbol.length };
}

/** `U&'rol\\0065'` is `role`; with the escape character that UESCAPE would replace. */
function unicode(opening: string, token: Token): Token {
  if (!/^[uU]&/.test(opening)) return token;
  const text = token.text.replace(/\\(?:\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4})|(\\))/g, (_, long?: string, short?: string) =>
    long === undefined && short === undefined ? '\\' : character(Number.parseInt(long ?? short ?? '', 16)));
  return { ...token, text };
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

function quoted(kind: 'string' | 'quoted', sql: string, start: number, opening: number, quote: string, backslash: boolean): Token {
  let text = '';
  for (let at = start + opening; at < sql.length; at++) {
    const escape = backslash ? match(ESCAPE, sql, at) : undefined;
    if (escape !== undefined) {
      text += unescape(escape);
      at += escape.length - 1;
    } else if (sql[at] !== quote) text += sql[at];
    else if (sql[at + 1] === quote) text += sql[at++];
    else {
      const next = kind === 'string' ? continuation(sql, at + 1) : undefined;
      if (next === undefined) return { kind, text, start, end: at + 1 };
      at = next;
    }
  }
  return { kind, text, start, end: sql.length };
}

/** Two strings with a line break between them are one. @returns where the second one's quote stands */
function continuation(sql: string, at: number): number | undefined {
  const blank = match(BLANK, sql, at) ?? '';
  return /[\n\r]/.test(blank) && sql[at + blank.length] === "'" ? at + blank.length : undefined;
}

function unescape(escape: string): string {
  const [, kind = '', digits = ''] = /^\\(?:([xuU])?([0-9A-Fa-f]+)|)/.exec(escape) ?? [];
  if (kind !== '') return character(Number.parseInt(digits, 16));
  if (digits !== '' && /^[0-7]+$/.test(digits)) return String.fromCharCode(Number.parseInt(digits, 8));
  return CONTROL[escape.charAt(1)] ?? escape.charAt(1);
}

function dollarQuoted(sql: string, start: number, tag: string): Token {
  const close = sql.indexOf(tag, start + tag.length);
  const end = close < 0 ? sql.length : close;
  return { kind: 'string', text: sql.slice(start + tag.length, end), start, end: close < 0 ? end : end + tag.length };
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}
