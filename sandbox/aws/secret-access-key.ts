import { createHmac, randomBytes } from 'node:crypto';

/** Made anew by each process, so that no secret key of an earlier rehearsal is worth anything. */
const SEED = randomBytes(32);

/** The secret access key that belongs to an access key of the sandbox: what its owner signs with, and what a signature is checked by. */
export function secretAccessKeyOf(accessKeyId: string): string {
  return createHmac('sha256', SEED).update(accessKeyId).digest('base64');
}
