import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { secretsManager } from '../aws/clients.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';

export interface Credentials {
  username: string;
  password: string;
}

const Secret = z.object({ username: z.string().min(1), password: z.string().min(1) });

/**
 * Reads a database user's credentials from Secrets Manager, in the form RDS itself keeps them
 * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html).
 *
 * @throws LightsOutError `InvalidConfiguration` when the secret does not hold `username` and `password`.
 */
export async function readCredentials(secretArn: string): Promise<Credentials> {
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
