import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESClient } from '@aws-sdk/client-ses';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';

/**
 * Three attempts with backoff, then the workflow's own retry takes over with longer pauses. Ten seconds to connect
 * or answer: a lost answer shows within the function's own timeout. Without `throwOnRequestTimeout` the SDK only warns and waits on.
 */
const options = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/** Makes a client at its first use and keeps it for the life of the function's environment. */
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
/** One attempt only, for a call that EC2 gives no token to make a repeat harmless: the SDK itself would repeat it when an answer is lost. */
export const ec2Once = /* @__PURE__ */ lazily(() => new EC2Client({ ...options, maxAttempts: 1 }));
export const kms = /* @__PURE__ */ lazily(() => new KMSClient(options));
export const ssm = /* @__PURE__ */ lazily(() => new SSMClient(options));
export const ses = /* @__PURE__ */ lazily(() => new SESClient(options));
export const s3 = /* @__PURE__ */ lazily(() => new S3Client(options));
export const sfn = /* @__PURE__ */ lazily(() => new SFNClient(options));
export const secretsManager = /* @__PURE__ */ lazily(() => new SecretsManagerClient(options));
