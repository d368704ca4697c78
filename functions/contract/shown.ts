/**
 * C0 and C1 control characters, and characters that change the direction of the text around them (https://www.unicode.org/reports/tr9/).
 */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes a name safe to show to people, in a terminal, a mail, a report or a log. The name of a table may hold any character. A character
 * that moves the cursor or begins a line could forge a sentence.
 *
 * @example
 * shown('t\u001b[2K\nEqual') // 't\\u001b[2K\\nEqual'
 */
export function shown(name: string): string {
  return name.replaceAll(
    UNSEEN,
    (character) => SHORT[character] ?? `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0') ?? ''}`,
  );
}
