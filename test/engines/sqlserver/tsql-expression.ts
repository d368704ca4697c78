/**
 * The few expressions of T-SQL that a row's form is made of, parsed into trees. Anything else is an error: so that a test notices when the
 * form begins to use what the model does not know.
 */
export type Expression =
  | { kind: 'binary'; bytes: Buffer }
  | { kind: 'text'; text: string }
  | { kind: 'column'; name: string }
  | { kind: 'concatenation'; left: Expression; right: Expression }
  | { kind: 'if-null'; value: Expression; yes: Expression; no: Expression }
  | { kind: 'cast'; value: Expression; type: SqlType; style?: number }
  | { kind: 'call'; name: string; parameters: Expression[] };

export interface SqlType {
  name: string;
  /** Infinity for `(max)`. */
  length: number;
}

const TOKEN =
  /\s*(?:(0x[0-9A-Fa-f]*)|(N?'(?:[^']|'')*')|(\d+)|(t\.\[(?:[^\]]|\]\])*\])|([A-Za-z_][A-Za-z0-9_]*)|([(),+]))/y;

interface Token {
  kind: 'hex' | 'string' | 'number' | 'column' | 'word' | 'sign';
  text: string;
}

const KINDS: Token['kind'][] = ['hex', 'string', 'number', 'column', 'word', 'sign'];

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (sql.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(sql);
    const index = match?.slice(1).findIndex((group) => group !== undefined) ?? -1;
    const [kind, text] = [KINDS[index], match?.[index + 1]];
    if (kind === undefined || text === undefined)
      throw new SyntaxError(`not known: ${sql.slice(at, at + 40)}`);
    tokens.push({ kind, text });
  }
  return tokens;
}

/** @throws SyntaxError for any other expression. */
export function parse(sql: string): Expression {
  const parser = new Parser(tokensOf(sql));
  return parser.all();
}

class Parser {
  readonly #tokens: Token[];
  #next = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  all(): Expression {
    const expression = this.#sum();
    if (this.#next < this.#tokens.length) throw new SyntaxError(`left over: ${this.#peek()?.text}`);
    return expression;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(text?: string): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined || (text !== undefined && token.text !== text))
      throw new SyntaxError(`expected ${text ?? 'more'}, got ${token?.text ?? 'the end'}`);
    this.#next += 1;
    return token;
  }

  #sum(): Expression {
    let left = this.#term();
    while (this.#peek()?.text === '+') {
      this.#take('+');
      left = { kind: 'concatenation', left, right: this.#term() };
    }
    return left;
  }

  #term(): Expression {
    const token = this.#take();
    switch (token.kind) {
      case 'hex':
        return { kind: 'binary', bytes: Buffer.from(token.text.slice(2), 'hex') };
      case 'string':
        return { kind: 'text', text: token.text.replace(/^N/, '').slice(1, -1).replaceAll("''", "'") };
      case 'column':
        return { kind: 'column', name: token.text.slice('t.['.length, -1).replaceAll(']]', ']') };
      case 'sign': {
        if (token.text !== '(') throw new SyntaxError(`unexpected ${token.text}`);
        const inner = this.#sum();
        this.#take(')');
        return inner;
      }
      case 'word':
        return this.#word(token.text);
      default:
        throw new SyntaxError(`unexpected ${token.text}`);
    }
  }

  #word(word: string): Expression {
    if (word === 'CASE') return this.#case();
    this.#take('(');
    if (word === 'CAST') {
      const value = this.#sum();
      this.#take('AS');
      const type = this.#type();
      this.#take(')');
      return { kind: 'cast', value, type };
    }
    if (word === 'CONVERT') {
      const type = this.#type();
      this.#take(',');
      const value = this.#sum();
      if (this.#peek()?.text !== ',') {
        this.#take(')');
        return { kind: 'cast', value, type };
      }
      this.#take(',');
      const style = Number(this.#take().text);
      this.#take(')');
      return { kind: 'cast', value, type, style };
    }
    const parameters = [this.#sum()];
    while (this.#peek()?.text === ',') {
      this.#take(',');
      parameters.push(this.#sum());
    }
    this.#take(')');
    return { kind: 'call', name: word, parameters };
  }

  #case(): Expression {
    this.#take('WHEN');
    const value = this.#term();
    for (const word of ['IS', 'NULL', 'THEN']) this.#take(word);
    const yes = this.#sum();
    this.#take('ELSE');
    const no = this.#sum();
    this.#take('END');
    return { kind: 'if-null', value, yes, no };
  }

  #type(): SqlType {
    const name = this.#take().text;
    this.#take('(');
    const length = this.#take().text;
    this.#take(')');
    return { name, length: length === 'max' ? Number.POSITIVE_INFINITY : Number(length) };
  }
}
