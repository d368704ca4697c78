import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';

/** As long as Step Functions keeps an execution's own data: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const STATE_KEPT = Duration.days(90);

/**
 * Where locks, evidence and durations lie. Versioned, encrypted, TLS only, never public, and kept when the stack is deleted: the
 * evidence of a shutdown outlives the tool that made it.
 */
export class EvidenceBucket extends Bucket {
  constructor(scope: Construct, id: string, system: Pick<SystemConfig, 'approval'>) {
    super(scope, id, {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        // A lock is written twice a run; its old versions, and those of an answered approval's token, prove nothing.
        { prefix: 'locks/', noncurrentVersionExpiration: Duration.days(30) },
        // What a run carries may name people. Needed until its last redrive has ended: 30 days, redriven within 14, 30 more.
        { prefix: 'state/', expiration: STATE_KEPT, noncurrentVersionExpiration: Duration.days(1) },
        ...(system.approval === undefined
          ? []
          : [
              {
                prefix: 'approvals/',
                noncurrentVersionExpiration: Duration.days(1),
                expiration: Duration.days(8),
              },
            ]),
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Only the functions of this stack write here, and each write is logged by them; a bucket of access logs would need one of its own.',
    });
  }
}
