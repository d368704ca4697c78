import { messageOf } from '../functions/shared/contract/errors.ts';
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
    throw new BadInputError(`${option}: not JSON${placeOf(text, messageOf(error))}; ${expected}`);
  }
}

/** ` at line 2, column 5 (unexpected "}")`, from what the parser says. */
function placeOf(text: string, said: string): string {
  if (text.trim() === '') return ': it is empty';
  const position = Number(
    /at position (\d+)/.exec(said)?.[1] ?? (/end of JSON|Unterminated/.test(said) ? text.length : Number.NaN),
  );
  if (Number.isNaN(position)) return ` (${said.replaceAll(/\s+/g, ' ').slice(0, 120)})`;
  const before = text.slice(0, position).split(/\r\n|\r|\n/);
  const found = position >= text.length ? 'it ends there' : `found ${JSON.stringify(text.charAt(position))}`;
  return ` at line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${found}`;
}
