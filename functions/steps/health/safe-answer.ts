import { messageOf } from '../../contract/errors.ts';
import { shown } from '../../contract/shown.ts';

/** How many characters of an answer are kept. */
const SHOWN_CHARACTERS = 200;

const MASK = '***';

/**
 * Texts that look like a secret. Every repetition has a bound, so that no body, however it is made, takes long:
 * https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
 */
const SECRETS: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,8192}/g, MASK],
  // A cookie in words of a header, to the end of the line.
  [/\b(set-cookie2?|cookie)("?\s{0,5}[:=]\s{0,5})[^\r\n]{1,4096}/gi, `$1$2${MASK}`],
  // https://www.rfc-editor.org/rfc/rfc9110.html#section-11.4
  [/\b(bearer|basic|digest|negotiate)(\s{1,5})[\w.~+/=-]{4,8192}/gi, `$1$2${MASK}`],
  // JSON Web Tokens begin with an encoded `{"`.
  [/\beyJ[\w-]{5,8192}(?:\.[\w-]{0,8192}){0,4}/g, MASK],
  // Access keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,32}/g, MASK],
  [/(:\/\/)[^\s/@]{1,500}@/g, `$1${MASK}@`],
  [
    /((?:passwo?r?d|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?id|sessid|\bsid(?![a-z])|authorization|credential|密码|口令)[\w-]{0,40}["']?\s{0,5}[:=：]\s{0,5})(?:"[^"\r\n]{0,2000}"?|'[^'\r\n]{0,2000}'?|[^\s&,;<>"']{1,2000})/gi,
    `$1${MASK}`,
  ],
];

/**
 * Makes what a server answered safe to show and to keep: without the values of the configured headers, without what looks like a
 * secret, without control characters, and short.
 *
 * @param hidden texts that must not appear, whatever they look like.
 */
export function safeAnswer(text: string, hidden: readonly string[] = []): string {
  let masked = text;
  // The longest first: one may be a part of another.
  for (const value of [...hidden].sort((a, b) => b.length - a.length))
    masked = masked.replaceAll(value, MASK);
  for (const [pattern, replacement] of SECRETS) masked = masked.replace(pattern, replacement);
  // By characters, so that none is cut in two.
  const characters = [...masked.slice(0, 2 * SHOWN_CHARACTERS + 2)];
  const cut = characters.length > SHOWN_CHARACTERS;
  return shown(`${characters.slice(0, SHOWN_CHARACTERS).join('')}${cut ? '…' : ''}`);
}

/** The words of an error of a connection. A host with several addresses gives several. */
export function errorWords(error: unknown): string {
  if (!(error instanceof AggregateError)) return messageOf(error);
  return [...new Set(error.errors.map(messageOf))].join('; ');
}
