import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Signer } from '@aws-sdk/rds-signer';
import { z } from 'zod';
import type { Password } from '../../engines/target.ts';
import type { SystemConfig } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { secretsManager } from '../runtime/clients.ts';

/** A database user and how it proves itself. */
export interface Credentials {
  username: string;
  /** Of a secret as it is. A token is valid for 15 minutes and a run takes longer: so each connection signs one of its own. */
  password: Password;
}

/** The server that is to be connected to, as RDS names its endpoint: a token is good for no other name. */
export interface Endpoint {
  address: string;
  port: number;
}

/** What of `database` in the configuration says who signs in. */
export type Authentication = Pick<SystemConfig['database'], 'credentialsSecretArn' | 'iamUser'>;

const Secret = z.object({ username: z.string().min(1), password: z.string().min(1) });

/**
 * The credentials of the system's database user for one server: of `iamUser` a token signed here, without any call, of
 * `credentialsSecretArn` the password that Secrets Manager keeps.
 *
 * @throws LightsOutError `InvalidConfiguration` when the secret does not hold `username` and `password`.
 */
export async function readCredentials(
  { credentialsSecretArn, iamUser }: Authentication,
  endpoint: Endpoint,
): Promise<Credentials> {
  if (iamUser !== undefined) return tokenOf(iamUser, endpoint);
  if (credentialsSecretArn !== undefined) return readSecret(credentialsSecretArn);
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    'database: expected credentialsSecretArn or iamUser; name one in systems.ts and deploy the stack again',
  );
}

/**
 * IAM database authentication (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html): a URL of the
 * endpoint, signed with the function's own role. Nothing travels but the connection itself.
 */
function tokenOf(username: string, { address, port }: Endpoint): Credentials {
  const signer = new Signer({ hostname: address, port, username });
  return { username, password: () => signer.getAuthToken() };
}

/** The form is RDS's own: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
async function readSecret(secretArn: string): Promise<Credentials> {
  const answer = await secretsManager().send(new GetSecretValueCommand({ SecretId: secretArn }));
  const secret = Secret.safeParse(parseJson(answer.SecretString ?? ''));
  if (secret.success) return { username: secret.data.username, password: secret.data.password };
  // Never the value, nor zod's message, which could quote it.
  throw new LightsOutError(
    ErrorName.InvalidConfiguration,
    `secret ${secretArn}: expected a JSON object with "username" and "password"; store the database user's credentials in that form`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
