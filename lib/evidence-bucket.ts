import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../functions/contract/config.ts';

/**
 * Step Functions keeps the data of an execution as long:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const STATE_KEPT = Duration.days(90);

/**
 * The bucket of locks, evidence and durations. Versioned, encrypted, TLS only, never public. It stays when the stack is deleted: the
 * evidence of a shutdown outlives the tool.
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
        // A run writes its lock twice. Old versions of locks and of answered approvals' tokens prove nothing.
        { prefix: 'locks/', noncurrentVersionExpiration: Duration.days(30) },
        // A run's state may name people. It is needed until the run is closed, or cleaned up: within 30 days and some hours.
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
