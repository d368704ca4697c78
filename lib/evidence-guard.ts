import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/** Files that say how a run ended and whether its backup is proved, with the report made of them. The closing step writes them. */
const CLOSING = ['certificate.json', 'closed.json', 'report.html'];

/**
 * Lets only the role of the step `report` write the files that close a run, whatever else an identity of the account may do. Lets nobody
 * delete evidence: neither an object nor one of its versions. Whoever may change the bucket's policy can lift this guard, and CloudTrail
 * records it. A Deny wins over every Allow: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * The `aws:PrincipalArn` of a function is its role's ARN.
 */
export function guardEvidence(bucket: Bucket, reporter: IRole): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OnlyTheClosingWritesCertificates',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject', 's3:ReplicateObject'],
      resources: CLOSING.map((file) => bucket.arnForObjects(`runs/*/${file}`)),
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': reporter.roleArn } },
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'EvidenceIsNotDeleted',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      // The state of a run too, since its roll back needs it. Expiry needs none of these permissions, and changing expiry has a permission
      // of its own:
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
      resources: [bucket.arnForObjects('runs/*'), bucket.arnForObjects('state/*')],
    }),
  );
}
