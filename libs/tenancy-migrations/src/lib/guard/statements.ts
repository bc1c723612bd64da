import { tokenize, type Token } from './lexer';

/** One statement of a query string. */
export interface Statement {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** Cuts a query string into its statements, as the server's simple protocol would run them one by one. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  const nesting = new Nesting();
  for (const token of tokenize(sql)) {
    if (token.text === ';' && token.kind === 'symbol' && nesting.isOutside()) {
      if (tokens.length > 0) statements.push(statement(sql, tokens));
      tokens = [];
      nesting.reset();
    } else {
      nesting.see(token, tokens);
      tokens.push(token);
    }
  }
  if (tokens.length > 0) statements.push(statement(sql, tokens));
  return statements;
}

/** Do the words at `from` read like this? Each place takes one word or several alternatives; quoted identifiers never match. */
export function reads(tokens: readonly Token[], from: number, ...places: (string | readonly string[])[]): boolean {
  return places.every((place, index) => {
    const token = tokens[from + index];
    if (token === undefined || token.kind === 'quoted' || token.kind === 'string') return false;
    return typeof place === 'string' ? token.text === place : place.includes(token.text);
  });
}

function statement(sql: string, tokens: readonly Token[]): Statement {
  return { text: sql.slice(tokens[0]?.start, tokens.at(-1)?.end), tokens };
}

/** A semicolon inside parentheses (CREATE RULE) or inside BEGIN ATOMIC ... END (a routine's SQL body) ends no statement. */
class Nesting {
  private parentheses = 0;
  private blocks = 0;

  isOutside(): boolean {
    return this.parentheses <= 0 && this.blocks <= 0;
  }

  reset(): void {
    this.parentheses = 0;
    this.blocks = 0;
  }

  see(token: Token, before: readonly Token[]): void {
    if (token.kind === 'symbol') this.parentheses += Number(token.text === '(') - Number(token.text === ')');
    if (token.kind !== 'word') return;
    if (token.text === 'ATOMIC' && before.at(-1)?.text === 'BEGIN' && before[0]?.text === 'CREATE') this.blocks++;
    else if (this.blocks > 0 && token.text === 'CASE') this.blocks++;
    else if (this.blocks > 0 && token.text === 'END') this.blocks--;
  }
}
