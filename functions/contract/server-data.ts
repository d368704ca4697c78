import { createHash } from 'node:crypto';

/**
 * Names and paths reach a script on a server as data: base64 of their UTF-8, of which no shell can make anything else. The script decodes them into variables.
 * docs/decisions/0013-names-reach-a-server-as-data.md
 *
 * For RE2: the SSM agent compiles it with Go's regexp (https://github.com/aws/amazon-ssm-agent, agent/framework/docparser).
 */
export const DATA_PATTERN = '^[A-Za-z0-9+/]+={0,2}$';

/** One text, e.g. a path. */
export function asData(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Several texts, a line each. @throws RangeError for one that holds a line break, or is empty: the script would take it for another number of texts. */
export function listAsData(texts: readonly string[]): string {
  const wrong = texts.find((text) => text === '' || /[\r\n]/.test(text));
  if (wrong !== undefined || texts.length === 0)
    throw new RangeError(
      `expected one or more texts without line breaks, found ${JSON.stringify(wrong ?? texts)}`,
    );
  return asData(texts.join('\n'));
}

/** What the script reads of it. */
export function textOfData(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

/** What the script reads of a list. */
export function listOfData(data: string): string[] {
  return textOfData(data).split('\n');
}

/** Hexadecimal digits of a fingerprint: 48 bits. */
const FINGERPRINT_DIGITS = 12;

/**
 * Stands for a name or a path where it would not fit, or would not survive: in a document, which takes 64 KB
 * (https://docs.aws.amazon.com/general/latest/gr/ssm.html), and in a script's answer, which Windows writes in the code page of its console.
 * The scripts compute it with `sha256sum` and with .NET's SHA256.
 */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, FINGERPRINT_DIGITS);
}
