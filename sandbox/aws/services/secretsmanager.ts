import { createHash } from 'node:crypto';
import type {
  GetSecretValueCommandInput,
  GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import { AwsError, type Operation, type ServiceOperations } from '../operation.ts';

type Answer<Output> = Omit<Output, '$metadata'>;

/**
 * Secrets Manager over a map from ARN to secret (JSON text). A secret is found by its full ARN or, as on AWS, by its
 * name: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export function createSecretsManager(secrets: ReadonlyMap<string, string>): ServiceOperations {
  const getSecretValue: Operation<GetSecretValueCommandInput, Answer<GetSecretValueCommandOutput>> = {
    resources: (input) => [arnOf(secrets, input.SecretId ?? '') ?? input.SecretId ?? ''],
    run: ({ SecretId = '', VersionStage = 'AWSCURRENT', VersionId }) => {
      const arn = arnOf(secrets, SecretId);
      const value = arn === undefined ? undefined : secrets.get(arn);
      if (arn === undefined || value === undefined) {
        throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      }
      const version = versionOf(arn);
      if (VersionStage !== 'AWSCURRENT' || (VersionId !== undefined && VersionId !== version)) {
        const wanted = VersionId === undefined ? `staging label: ${VersionStage}` : `VersionId: ${VersionId}`;
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${wanted}`,
        );
      }
      return {
        ARN: arn,
        Name: nameOf(arn),
        SecretString: value,
        VersionId: version,
        VersionStages: ['AWSCURRENT'],
      };
    },
  };
  return { GetSecretValue: getSecretValue };
}

function arnOf(secrets: ReadonlyMap<string, string>, id: string): string | undefined {
  if (secrets.has(id)) return id;
  return [...secrets.keys()].find((arn) => nameOf(arn) === id || arn.replace(/-[A-Za-z0-9]{6}$/, '') === id);
}

/** The name in an ARN, without the six characters that Secrets Manager appends. */
function nameOf(arn: string): string {
  return (arn.split(':').pop() ?? arn).replace(/-[A-Za-z0-9]{6}$/, '');
}

/** A version id that stays the same from run to run. */
function versionOf(arn: string): string {
  const hex = createHash('sha256').update(arn).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
