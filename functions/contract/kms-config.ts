import { z } from 'zod';

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/;

/** ARN of a KMS key, of any partition. Not of an alias: a policy that names an alias allows actions on the alias, not on its key. */
export const KmsKeyArn = z.string().regex(KEY_ARN, {
  error: ({ input }) =>
    `found "${String(input)}", expected the ARN of a KMS key, e.g. "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"${
      String(input).includes('alias/')
        ? `; it is an alias: "aws kms describe-key --key-id ${String(input)}" shows the ARN of its key`
        : ''
    }`,
});
