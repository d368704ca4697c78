import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A SQL file that cannot be loaded: which file, which line, which statement, and why. */
export class SeedSqlError extends Error {
  constructor(file: string, line: number, statement: string, problem: string) {
    const start = statement.trim().replaceAll(/\s+/g, ' ').slice(0, 80);
    super(
      `${file}:${line}: ${problem}${start === '' ? '' : ` (in: ${start}${statement.trim().length > 80 ? '…' : ''})`}`,
    );
    this.name = 'SeedSqlError';
  }
}

export type SqlItem =
  | { kind: 'statement'; text: string; line: number }
  | { kind: 'meta'; text: string; line: number }
  /** A COPY … FROM stdin with its rows, each with its line end. */
  | { kind: 'copy'; text: string; line: number; rows: AsyncIterable<Buffer> | Iterable<Buffer> };

const COPY_FROM_STDIN = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;

/** Reads a SQL file statement by statement, with the line each begins on; never holds more than one statement and one COPY block. */
export async function* readStatements(file: string): AsyncGenerator<SqlItem> {
  const lines = linesOf(file);
  const scanner = new StatementScanner();
  let number = 0;
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    number += 1;
    const line = number === 1 ? next.value.replace(/^\uFEFF/, '') : next.value;
    if (scanner.atStart && line.trimStart().startsWith('\\')) {
      yield { kind: 'meta', text: line.trim(), line: number };
      continue;
    }
    for (const statement of scanner.line(line, number)) {
      if (!COPY_FROM_STDIN.test(statement.text)) {
        yield { kind: 'statement', ...statement };
        continue;
      }
      const rows: Buffer[] = [];
      let ended = false;
      for (let row = await lines.next(); row.done !== true; row = await lines.next()) {
        number += 1;
        if (row.value === '\\.') {
          ended = true;
          break;
        }
        rows.push(Buffer.from(`${row.value}\n`));
      }
      if (!ended)
        throw new SeedSqlError(
          file,
          statement.line,
          statement.text,
          'the COPY block is not closed; expected a line with \\. after its rows',
        );
      yield { kind: 'copy', ...statement, rows };
    }
  }
  const open = scanner.unfinished();
  if (open !== undefined) throw new SeedSqlError(file, open.line, open.text, open.problem);
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SeedSqlError(file, 1, '', `the file cannot be read (${message}); expected a plain SQL file`);
  }
}

/** Where the scanner is: in nothing special, or inside something in which a semicolon does not end a statement. */
type Inside =
  | { kind: 'none' }
  | { kind: 'quote'; end: "'" | '"'; escapes: boolean }
  | { kind: 'dollar'; tag: string }
  | { kind: 'comment'; depth: number };

/** Cuts lines into statements as psql does: quotes, dollar quotes, nested comments, and SQL-standard function bodies. */
class StatementScanner {
  #text = '';
  #line = 0;
  #openedOn = 0;
  #inside: Inside = { kind: 'none' };
  #bodyDepth = 0;

  get atStart(): boolean {
    return this.#text.trim() === '' && this.#inside.kind === 'none';
  }

  /** Takes a line in; yields the statements that it completes. */
  *line(line: string, number: number): Generator<{ text: string; line: number }> {
    let position = 0;
    while (position < line.length) {
      const wasComment =
        this.#inside.kind === 'comment' || (this.#inside.kind === 'none' && line.startsWith('--', position));
      const length = this.#step(line, position, number);
      const piece = line.slice(position, position + length);
      position += length;
      // Comments are left out, so that a psql command after one still begins a line of its own.
      if (wasComment || this.#insideComment()) continue;
      if (this.#inside.kind === 'none' && piece === ';' && this.#bodyDepth === 0) {
        const text = this.#text.trim();
        if (text !== '') yield { text, line: this.#line };
        this.#reset();
        continue;
      }
      if (this.#text.trim() === '' && piece.trim() !== '') this.#line = number;
      this.#text += piece;
    }
    // A line comment ends with its line; everything else goes on.
    this.#text += '\n';
  }

  #insideComment(): boolean {
    return this.#inside.kind === 'comment';
  }

  #reset(): void {
    this.#text = '';
    this.#bodyDepth = 0;
  }

  /** How many characters belong together from here; changes what the scanner is inside of. */
  #step(line: string, position: number, number: number): number {
    const rest = line.slice(position);
    const inside = this.#inside;
    if (inside.kind === 'quote') return this.#inQuote(rest, inside);
    if (inside.kind === 'dollar') {
      if (!rest.startsWith(inside.tag)) return 1;
      this.#inside = { kind: 'none' };
      return inside.tag.length;
    }
    if (inside.kind === 'comment') {
      if (rest.startsWith('/*')) inside.depth += 1;
      else if (rest.startsWith('*/')) inside.depth -= 1;
      else return 1;
      if (inside.depth === 0) this.#inside = { kind: 'none' };
      return 2;
    }
    return this.#outside(line, rest, position, number);
  }

  #inQuote(rest: string, inside: { end: string; escapes: boolean }): number {
    if (inside.escapes && rest.startsWith('\\') && rest.length > 1) return 2;
    if (rest[0] !== inside.end) return 1;
    if (rest[1] === inside.end) return 2;
    this.#inside = { kind: 'none' };
    return 1;
  }

  #outside(line: string, rest: string, position: number, number: number): number {
    const open = (inside: Inside): void => {
      this.#inside = inside;
      this.#openedOn = number;
    };
    if (rest.startsWith('--')) return rest.length;
    if (rest.startsWith('/*')) {
      open({ kind: 'comment', depth: 1 });
      return 2;
    }
    if (rest[0] === "'") {
      open({ kind: 'quote', end: "'", escapes: /(^|[^A-Za-z0-9_])[eE]$/.test(line.slice(0, position)) });
      return 1;
    }
    if (rest[0] === '"') {
      open({ kind: 'quote', end: '"', escapes: false });
      return 1;
    }
    const tag = /^\$([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/.exec(rest)?.[0];
    if (tag !== undefined && !/[A-Za-z0-9_$]$/.test(line.slice(0, position))) {
      open({ kind: 'dollar', tag });
      return tag.length;
    }
    const word = /^[A-Za-z_][A-Za-z0-9_$]*/.exec(rest)?.[0];
    if (word !== undefined) {
      this.#word(word.toLowerCase());
      return word.length;
    }
    return 1;
  }

  /** `CREATE FUNCTION … BEGIN ATOMIC …; …; END`: the semicolons inside belong to the body. */
  #word(word: string): void {
    if (this.#bodyDepth > 0) {
      if (word === 'begin' || word === 'case') this.#bodyDepth += 1;
      if (word === 'end') this.#bodyDepth -= 1;
    } else if (
      word === 'atomic' &&
      /^\s*create\b[\s\S]*\b(function|procedure)\b[\s\S]*\bbegin\s*$/i.test(this.#text)
    ) {
      this.#bodyDepth = 1;
    }
  }

  /** What is left at the end of the file, if it is more than white space and comments. */
  unfinished(): { text: string; line: number; problem: string } | undefined {
    const inside = this.#inside;
    if (inside.kind !== 'none') {
      const what = {
        quote: 'a quoted string or name',
        dollar: 'a dollar-quoted string',
        comment: 'a comment',
      }[inside.kind];
      return {
        text: this.#text,
        line: this.#openedOn,
        problem: `${what} is not closed before the end of the file`,
      };
    }
    if (this.#text.trim() === '') return undefined;
    return {
      text: this.#text,
      line: this.#line,
      problem: 'the statement is not closed; expected a semicolon before the end of the file',
    };
  }
}
