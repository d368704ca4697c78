import { X509Certificate } from 'node:crypto';
import { messageOf } from './errors.ts';

/** Names of HTTP headers: https://www.rfc-editor.org/rfc/rfc9110.html#section-5.1 */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** Visible ASCII, spaces inside: https://www.rfc-editor.org/rfc/rfc9110.html#section-5.5 */
const HEADER_VALUE = /^[!-~](?:[ -~]{0,498}[!-~])?$/;

/** Headers that carry a secret. A configuration stands in the code of functions and in a run's history. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie'];

/** Headers of the connection itself, which the function sets: https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1 */
const CONNECTION_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** The problem of an address that is asked for its health. */
export function problemOfUrl(text: string): string | undefined {
  const example = 'e.g. "https://web-1.crm.internal:8443/health"';
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text) || /\s/.test(text))
    return `expected an http or https address, ${example}`;
  // The found value is not shown: it holds a password.
  if (url.username !== '' || url.password !== '')
    return `expected an address without user and password, which would be no secret here, ${example}; found one with them`;
  if (url.hash !== '') return `expected an address without "#", which no server gets to see, ${example}`;
  return undefined;
}

/** Problems of the headers of a request, each with its path. */
export function headerProblems(headers: Record<string, string>): { path: string[]; message: string }[] {
  const names = Object.keys(headers);
  const limit = names.length > 10 ? [{ path: [], message: 'expected at most 10 headers' }] : [];
  const lower = names.map((name) => name.toLowerCase());
  return [
    ...limit,
    ...names.flatMap((name, index) => {
      const message = problemOfHeader(name, headers[name] ?? '', lower.indexOf(name.toLowerCase()) === index);
      return message === undefined ? [] : [{ path: [name], message }];
    }),
  ];
}

function problemOfHeader(name: string, value: string, isFirst: boolean): string | undefined {
  const lower = name.toLowerCase();
  if (!HEADER_NAME.test(name)) return 'is no name of a header; expected one such as "x-lights-out"';
  if (!isFirst) return 'stands there twice, in another case; expected each header once';
  if (SECRET_HEADERS.includes(lower))
    return 'carries a secret, but a configuration stands in the code and in a run’s history; expected a way past the maintenance page without one, such as "x-lights-out"';
  if (CONNECTION_HEADERS.includes(lower)) return 'is of the connection itself; leave it out';
  if (!HEADER_VALUE.test(value))
    return 'expected 1 to 500 visible ASCII characters, with spaces only between them, e.g. "health"';
  return undefined;
}

/** The problem of a text that is no list of certificates in PEM. */
export function problemOfCertificates(pem: string): string | undefined {
  const expected = 'expected certificates in PEM, "-----BEGIN CERTIFICATE-----…"';
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0 || /PRIVATE KEY/.test(pem)) return `${expected}, and nothing else`;
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      return `${expected}; number ${index + 1} cannot be read (${messageOf(error)})`;
    }
  }
  return undefined;
}
