import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/** What a run was, and whether its backup is proved: written by the step that closes it. The report is made of it. */
const CLOSING = ['certificate.json', 'certificate-before-redrive-*.json', 'closed.json', 'report.html'];

/**
 * Lets nobody but the role of the step `report` write what closes a run, whatever else an identity of the account is allowed, and lets nobody delete evidence: neither an object nor
 * one of its versions. Whoever may change the bucket's policy can still lift this, on record in CloudTrail. Deny wins over every allow:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html; `aws:PrincipalArn` of a function is its role's ARN.
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
      // What a run carries, too: its roll back needs it. Expiry asks for none of these permissions; who may change it has one of its own:
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
      resources: [bucket.arnForObjects('runs/*'), bucket.arnForObjects('state/*')],
    }),
  );
}
