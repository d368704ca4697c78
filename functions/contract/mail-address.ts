import { domainToASCII, domainToUnicode } from 'node:url';
import { z } from 'zod';

/** RFC 5322's `dot-atom-text`, in 7-bit ASCII: https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** RFC 5321, section 4.5.3.1.1: octets. */
const LOCAL_CHARACTERS = 64;
const ADDRESS_CHARACTERS = 254;

/** Two or more DNS labels, each of at most 63 letters, digits and hyphens. The last label is not a number. */
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A mail address in the form that SES takes, or undefined. The domain may be in any script and is returned as Punycode. The part before the
 * `@` is 7-bit ASCII, since SES has no SMTPUTF8: https://docs.aws.amazon.com/ses/latest/APIReference/API_Destination.html
 */
export function sesAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const [local, written] = [text.slice(0, at), text.slice(at + 1)];
  // A URL's host ends at these characters, and the URL parser would silently drop the rest.
  if (at < 1 || /[/\\?#:@\s]/.test(written)) return undefined;
  const domain = domainToASCII(written);
  const address = `${local}@${domain}`;
  const isValid =
    LOCAL.test(local) &&
    local.length <= LOCAL_CHARACTERS &&
    DOMAIN.test(domain) &&
    address.length <= ADDRESS_CHARACTERS;
  return isValid ? address : undefined;
}

/** The address as people write it, with the domain in its own script. */
export function shownAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToUnicode(address.slice(at + 1))}`;
}

/** Checks the address as people write it, and keeps it in the form that SES takes. */
export const MailAddress = z.string().transform((text, context) => {
  const address = sesAddress(text);
  if (address !== undefined) return address;
  context.issues.push({
    code: 'custom',
    message:
      'expected a mail address such as "ops@example.com": before the @ letters, digits and .!#$%&\'*+/=?^_`{|}~- (SES takes nothing else), after it a domain in any script',
    input: text,
  });
  return z.NEVER;
});
