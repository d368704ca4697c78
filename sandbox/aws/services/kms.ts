import type {
  CreateGrantCommandInput,
  CreateGrantCommandOutput,
  DescribeKeyCommandInput,
  DescribeKeyCommandOutput,
} from '@aws-sdk/client-kms';
import type { KeyWorld, SandboxKey } from '../../world/keys.ts';
import { sessionArn } from '../iam/authorization.ts';
import { AwsError, type Caller, type Operation, type ServiceOperations } from '../operation.ts';

type Answer<Output> = Omit<Output, '$metadata'>;

/** The operations of KMS that the plan uses. Errors as https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html has them. */
export function createKms(world: KeyWorld): ServiceOperations {
  const resources = ({ KeyId = '' }: { KeyId?: string | undefined }): string[] => [
    world.find(KeyId)?.arn ?? KeyId,
  ];
  const describeKey: Operation<DescribeKeyCommandInput, Answer<DescribeKeyCommandOutput>> = {
    resources,
    run: ({ KeyId = '' }, { caller }) => {
      const key = admitted(world, KeyId, caller, 'kms:DescribeKey');
      const [, , , , account] = key.arn.split(':');
      return {
        KeyMetadata: {
          Arn: key.arn,
          KeyId: key.id,
          AWSAccountId: account,
          Enabled: key.state === 'Enabled',
          KeyState: key.state,
          KeyManager: key.manager,
          KeyUsage: 'ENCRYPT_DECRYPT',
          KeySpec: 'SYMMETRIC_DEFAULT',
          Origin: 'AWS_KMS',
          MultiRegion: false,
        },
      };
    },
  };
  const createGrant: Operation<CreateGrantCommandInput, Answer<CreateGrantCommandOutput>> = {
    resources,
    run: ({ KeyId = '', DryRun }, { caller }) => {
      const key = admitted(world, KeyId, caller, 'kms:CreateGrant');
      if (key.state === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
      // https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html: a dry run always fails, this is how it says yes.
      if (DryRun === true) {
        throw new AwsError(
          'DryRunOperationException',
          'The request would have succeeded, but the DryRun option is set.',
          412,
        );
      }
      throw new Error(
        'CreateGrant without DryRun: the sandbox makes no grants that a function asks for itself',
      );
    },
  };
  return { DescribeKey: describeKey, CreateGrant: createGrant };
}

/** The key, when its policy lets the caller in. The caller's own policies were asked before. */
function admitted(world: KeyWorld, keyId: string, caller: Caller, action: string): SandboxKey {
  const key = world.find(keyId);
  if (key === undefined) {
    const what = keyId.startsWith('alias/') ? `Alias '${keyId}'` : `Key '${keyId}'`;
    throw new AwsError('NotFoundException', `${what} does not exist`);
  }
  // The policy of an AWS managed key lets its account look, and nobody make grants but by way of the service.
  if (key.admits && !(key.manager === 'AWS' && action === 'kms:CreateGrant')) return key;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${sessionArn(caller)} is not authorized to perform: ${action} on resource: ${key.arn} because no resource-based policy allows the ${action} action`,
  );
}
