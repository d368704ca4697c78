import type { SystemConfig } from '../../contract/config.ts';
import type { Finding } from './kind.ts';

/** A user that signs in by IAM needs IAM database authentication on the database itself. */
export function signInRefused(
  enabled: boolean | undefined,
  { iamUser }: SystemConfig['database'],
): Finding[] {
  if (iamUser === undefined || enabled === true) return [];
  return [
    {
      problem: `IAM database authentication is off on it, and database.iamUser is "${iamUser}"`,
      remedy:
        'enable IAM database authentication (modify it, applied immediately), or use database.credentialsSecretArn',
    },
  ];
}
