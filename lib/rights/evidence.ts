import type { ResourceNames } from '../resource-names.ts';
import { allow, OWN_PREFIX, type Permission } from './permission.ts';

/**
 * Files of a run's evidence, below `runs/<system>/<run>/`. Each file has one writer. The names are those of `EvidenceKey` in
 * functions/contract/keys.ts, with `*` for parts that only a run knows.
 */
export interface Files {
  /** Written once and never overwritten. */
  once?: string[];
  /** Overwritten by a repeated call of its own step. The bucket keeps each version. */
  again?: string[];
}

/**
 * Read the objects, and write them only if absent:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function writeOnce(objects: string[]): Permission[] {
  return [
    allow(['s3:GetObject'], objects, OWN_PREFIX),
    allow(['s3:PutObject'], objects, OWN_PREFIX, { Null: { 's3:if-none-match': 'false' } }),
  ];
}

/** Write files of a run's evidence. */
export function ownFiles(
  { once = [], again = [] }: Files,
  names: ResourceNames,
  bucketArn: string,
): Permission[] {
  const objects = (files: string[]): string[] =>
    files.map((file) => `${bucketArn}/runs/${names.system.name}/*/${file}`);
  return [
    ...(once.length === 0 ? [] : writeOnce(objects(once))),
    ...(again.length === 0 ? [] : [allow(['s3:GetObject', 's3:PutObject'], objects(again), OWN_PREFIX)]),
  ];
}

/** Store and fetch the large parts of a run's state (`functions/runtime/run-state.ts`). A part's name is a digest of its content. */
export function runState(names: ResourceNames, bucketArn: string): Permission[] {
  return writeOnce([`${bucketArn}/state/${names.system.name}/*`]);
}
