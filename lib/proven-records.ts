import { AnyPrincipal, Effect, type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/**
 * Lets only these roles write below a prefix of the bucket, whatever else an identity of the account may do. The records there prove who
 * asked and who approved. The `aws:PrincipalArn` of a function is its role's ARN:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
 */
export function onlyWrittenBy(
  bucket: Bucket,
  prefix: string,
  writers: (IGrantable & { role?: IRole })[],
): void {
  const roles = writers.flatMap(({ role }) => role?.roleArn ?? []);
  bucket.addToResourcePolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject', 's3:ReplicateObject'],
      resources: [bucket.arnForObjects(`${prefix}/*`)],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': roles } },
    }),
  );
}
