import type { Engine } from '../../../engines/engine.ts';
import { isOfDatabase } from '../../../engines/inspection.ts';
import type { Reason } from '../../contract/plan-state.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';

const SECRET_REMEDIES: Record<string, string> = {
  ResourceNotFoundException: 'correct database.credentialsSecretArn in systems.ts, or create the secret',
  InvalidRequestException: 'restore the secret: it is marked for deletion or has no current value',
  DecryptionFailure: 'name the KMS key of the secret as database.credentialsKeyArn, and enable the key',
  AccessDeniedException:
    'let the inspect function read the secret: look at its resource policy and its KMS key',
};

/** The reason why the credentials could not be read. Any other error (AWS throttling, a mistake of our own) is thrown again. */
export function reasonOfSecret(error: unknown, resource: string, secretArn: string | undefined): Reason {
  if (isAwsError(error, ...Object.keys(SECRET_REMEDIES)) && error instanceof Error) {
    return {
      resource: `secret ${secretArn}`,
      problem: `Secrets Manager did not give it out (${error.name})`,
      remedy: SECRET_REMEDIES[error.name] ?? 'look at the secret',
    };
  }
  if (!isOfDatabase(error)) throw error;
  return { resource, problem: error.message, remedy: 'mend it and start the run again' };
}

/** The reason why the server refused the connection. Any other error is thrown again. */
export function reasonOfDatabase(error: unknown, resource: string, engine: Pick<Engine, 'remedy'>): Reason {
  if (!isOfDatabase(error)) throw error;
  return { resource, problem: error.message, remedy: engine.remedy(error) };
}
