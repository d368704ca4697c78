import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { defined } from '../contract/defined.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';
import { unlessAwsError } from './aws-errors.ts';
import { s3 } from './clients.ts';
import { environmentVariable } from './environment.ts';

/** An object of the evidence bucket and the ETag with which it was read. */
export interface StoredObject<Value> {
  value: Value;
  etag: string;
}

/** Reads a JSON object, or undefined when there is none. */
export async function readEvidence<Value>(key: string): Promise<StoredObject<Value> | undefined> {
  const answer = await unlessAwsError(['NoSuchKey'], () =>
    s3().send(new GetObjectCommand({ Bucket: bucket(), Key: key })),
  );
  if (answer === undefined) return undefined;
  const text = (await answer.Body?.transformToString()) ?? '';
  return { value: JSON.parse(text) as Value, etag: answer.ETag ?? '' };
}

/** Writes a value as JSON, or a text with its content type. The bucket keeps earlier versions. */
export async function writeEvidence(
  key: string,
  value: unknown,
  contentType = 'application/json',
): Promise<void> {
  await s3().send(
    new PutObjectCommand({
      Bucket: bucket(),
      Key: key,
      Body: bodyOf(value, contentType),
      ContentType: contentType,
    }),
  );
}

/**
 * Writes an object only if it is as expected: absent (`ifMatch` undefined) or unchanged since it was read.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @returns the new ETag, or undefined when another writer was faster.
 */
export async function writeEvidenceIf(
  key: string,
  value: unknown,
  ifMatch?: string,
): Promise<string | undefined> {
  const put = new PutObjectCommand({
    Bucket: bucket(),
    Key: key,
    Body: bodyOf(value, 'application/json'),
    ContentType: 'application/json',
    ...(ifMatch === undefined ? { IfNoneMatch: '*' } : { IfMatch: ifMatch }),
  });
  const lost = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'];
  const answer = await unlessAwsError(lost, () => s3().send(put));
  return answer === undefined ? undefined : (answer.ETag ?? '');
}

/** Two writers need two rounds at most. More rounds than this are a fault. */
const ROUNDS = 5;

/**
 * Changes an object by a conditional write. When another writer was faster, it changes the newer object.
 *
 * @param change answers the new value, or undefined to leave the object as it is. It may be called more than once.
 * @returns the object afterwards, and whether this call wrote it.
 * @throws LightsOutError `AwsTemporarilyUnavailable` when another writer was faster in every round.
 */
export async function changeEvidence<Value>(
  key: string,
  change: (current: Value | undefined) => Value | undefined,
): Promise<{ value: Value | undefined; changed: boolean }> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const held = await readEvidence<Value>(key);
    const next = change(held?.value);
    if (next === undefined) return { value: held?.value, changed: false };
    if ((await writeEvidenceIf(key, next, held?.etag)) !== undefined) return { value: next, changed: true };
  }
  throw new LightsOutError(
    ErrorName.AwsTemporarilyUnavailable,
    `the object ${key} was changed by somebody else ${ROUNDS} times in a row; it is tried again`,
  );
}

/** Deletes an object; with `ifMatch` only if it is unchanged. An object that is not there is no error. */
export async function deleteEvidence(key: string, ifMatch?: string): Promise<void> {
  const deletion = new DeleteObjectCommand({ Bucket: bucket(), Key: key, ...defined({ IfMatch: ifMatch }) });
  await unlessAwsError(['NoSuchKey', 'PreconditionFailed'], () => s3().send(deletion));
}

function bucket(): string {
  return environmentVariable(EnvironmentVariable.EvidenceBucket);
}

function bodyOf(value: unknown, contentType: string): string {
  return contentType === 'application/json' ? `${JSON.stringify(value, null, 2)}\n` : String(value);
}
