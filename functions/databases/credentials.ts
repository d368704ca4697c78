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
  /**
   * The password of the secret, or a function that signs a token. A token is valid for 15 minutes and a run takes longer, so each
   * connection signs its own.
   */
  password: Password;
}

/** The server to connect to, under RDS's name of its endpoint. A token is valid for this name only. */
export interface Endpoint {
  address: string;
  port: number;
}

/** The fields of `database` in the configuration that say how to sign in. */
export type Authentication = Pick<SystemConfig['database'], 'credentialsSecretArn' | 'iamUser'>;

const Secret = z.object({ username: z.string().min(1), password: z.string().min(1) });

/**
 * The credentials of the system's database user for one server. For `iamUser` it is a token, signed here without a call. For
 * `credentialsSecretArn` it is the password in Secrets Manager.
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
 * IAM database authentication (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html): the token is a URL of
 * the endpoint, signed with the function's role. Signing needs no call to AWS.
 */
function tokenOf(username: string, { address, port }: Endpoint): Credentials {
  const signer = new Signer({ hostname: address, port, username });
  return { username, password: () => signer.getAuthToken() };
}

/** RDS's own form: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
async function readSecret(secretArn: string): Promise<Credentials> {
  const answer = await secretsManager().send(new GetSecretValueCommand({ SecretId: secretArn }));
  const secret = Secret.safeParse(parseJson(answer.SecretString ?? ''));
  if (secret.success) return { username: secret.data.username, password: secret.data.password };
  // The message holds neither the value nor zod's message, which could quote the value.
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
