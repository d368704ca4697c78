import { messageOf } from '../../functions/contract/errors.ts';
import { NotRestoredError } from './beside.ts';

/** What to do, by the name of AWS's or the SDK's error. */
const REMEDIES: [RegExp, string][] = [
  [
    /^(Credentials\w*Error|ExpiredToken\w*|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/,
    'Sign in to AWS, until "aws sts get-caller-identity" answers',
  ],
  [
    /^(AccessDenied\w*|UnauthorizedOperation|KMSKeyNotAccessible\w*)$/,
    'docs/operations.md › Restore a backup lists the permissions that it needs',
  ],
  [
    /Quota|Insufficient|LimitExceeded/i,
    'Have the quota raised, delete what nobody uses, or name another class',
  ],
];

/** What RDS refused, what has not happened, and what to do. */
export function refusalInWords(error: unknown, source: string): string {
  if (error instanceof NotRestoredError) return `${error.message}. ${source} was not touched`;
  const name = error instanceof Error ? error.name : '';
  const remedy = REMEDIES.find(([names]) => names.test(name))?.[1] ?? 'Mend that';
  return `RDS did not do it (${name === '' ? '' : `${name}: `}${messageOf(error)}); nothing was changed of ${source}. ${remedy}, then type the same command again: it goes on`;
}
