import { messageOf } from '../functions/contract/errors.ts';
import { BadInputError } from './bad-input.ts';

/**
 * Parses JSON that a person wrote.
 *
 * @param expected what the option takes, with an example.
 * @throws BadInputError with line and column.
 */
export function parseJson(option: string, text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BadInputError(`${option}: not JSON${placeOf(text)}; ${expected}`);
  }
}

/** ` at line 2, column 5: found "}"`. */
function placeOf(text: string): string {
  if (text.trim() === '') return ': it is empty';
  const position = firstWrong(text);
  const before = text.slice(0, position).split(/\r\n|\r|\n/);
  const found = position >= text.length ? 'it ends there' : `found ${JSON.stringify(text.charAt(position))}`;
  return ` at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${found}`;
}

/** Where it stops being the beginning of JSON. The parser's own words name the place of some errors only, so it is asked of ever nearer beginnings. */
function firstWrong(text: string): number {
  let [right, wrong] = [0, text.length + 1];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (mayGoOn(text.slice(0, middle))) right = middle;
    else wrong = middle;
  }
  return right;
}

/** Whether something could follow that makes it JSON. */
function mayGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const said = messageOf(error);
    const position = /at position (\d+)/.exec(said)?.[1];
    return (
      /end of JSON|Unterminated string/.test(said) ||
      (position !== undefined && Number(position) >= beginning.length)
    );
  }
}
