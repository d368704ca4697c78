import { createHash } from 'node:crypto';

/**
 * Names and paths reach a script on a server as data: base64 of their UTF-8, which no shell interprets. The script decodes them into
 * variables. docs/decisions/0013-names-reach-a-server-as-data.md
 *
 * The pattern is for RE2: the SSM agent compiles it with Go's regexp (https://github.com/aws/amazon-ssm-agent, agent/framework/docparser).
 */
export const DATA_PATTERN = '^[A-Za-z0-9+/]+={0,2}$';

export function asData(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/**
 * Several texts, one per line.
 * @throws RangeError for a text that is empty or holds a line break: the script would count another number of texts.
 */
export function listAsData(texts: readonly string[]): string {
  const wrong = texts.find((text) => text === '' || /[\r\n]/.test(text));
  if (wrong !== undefined || texts.length === 0)
    throw new RangeError(
      `expected one or more texts without line breaks, found ${JSON.stringify(wrong ?? texts)}`,
    );
  return asData(texts.join('\n'));
}

/** Decodes one text, as the script does. */
export function textOfData(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

/** Decodes a list, as the script does. */
export function listOfData(data: string): string[] {
  return textOfData(data).split('\n');
}

/** Hexadecimal digits of a fingerprint: 48 bits. */
const FINGERPRINT_DIGITS = 12;

/**
 * A fingerprint stands for a name or a path in two places. A document takes only 64 KB
 * (https://docs.aws.amazon.com/general/latest/gr/ssm.html). And Windows writes a script's answer in the code page of its console, which not
 * every name survives. The scripts compute the fingerprint with `sha256sum` and with .NET's SHA256.
 */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, FINGERPRINT_DIGITS);
}
