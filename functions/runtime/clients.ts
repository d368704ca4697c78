import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESClient } from '@aws-sdk/client-ses';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Three attempts with backoff. Then the workflow's own retry takes over, with longer pauses. Connecting takes 5 s at most and an answer 10
 * s, so that a lost answer shows within the function's time-out. Without `throwOnRequestTimeout` the SDK only warns and waits on.
 */
const options = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/** Makes a client at its first use and keeps it as long as the function's environment lives. */
function lazily<Client>(make: () => Client): () => Client {
  let client: Client | undefined;
  return () => {
    client ??= make();
    return client;
  };
}

// Marked pure, so that a bundle holds only the clients that its function uses.
export const rds = /* @__PURE__ */ lazily(() => new RDSClient(options));
export const ec2 = /* @__PURE__ */ lazily(() => new EC2Client(options));
/** One attempt only, for calls without a token that makes a repeat harmless. The SDK itself would repeat them after a lost answer. */
export const ec2Once = /* @__PURE__ */ lazily(() => new EC2Client({ ...options, maxAttempts: 1 }));
export const kms = /* @__PURE__ */ lazily(() => new KMSClient(options));
export const ssm = /* @__PURE__ */ lazily(() => new SSMClient(options));
export const ses = /* @__PURE__ */ lazily(() => new SESClient(options));
export const s3 = /* @__PURE__ */ lazily(() => new S3Client(options));
export const sfn = /* @__PURE__ */ lazily(() => new SFNClient(options));
export const secretsManager = /* @__PURE__ */ lazily(() => new SecretsManagerClient(options));
