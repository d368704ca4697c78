import type { ResourceNames } from '../resource-names.ts';
import { allow, OWN_PREFIX, type Permission } from './permission.ts';

/**
 * Files of a run's evidence, below `runs/<system>/<run>/`: each has one writer. The names are those of `EvidenceKey` in functions/contract/keys.ts, with `*` for
 * what only a run knows.
 */
export interface Files {
  /** Written once: what lies there is never written over. */
  once?: string[];
  /** Written again by a call that is repeated, by its own step. The bucket keeps each version. */
  again?: string[];
}

/** Read what is written there, and write it only where nothing lies: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
export function writeOnce(objects: string[]): Permission[] {
  return [
    allow(['s3:GetObject'], objects, OWN_PREFIX),
    allow(['s3:PutObject'], objects, OWN_PREFIX, { Null: { 's3:if-none-match': 'false' } }),
  ];
}

/** To write files of a run's evidence. */
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

/** To store and fetch what of a run's state is too large for the execution (`functions/runtime/run-state.ts`). A part's name says its content. */
export function runState(names: ResourceNames, bucketArn: string): Permission[] {
  return writeOnce([`${bucketArn}/state/${names.system.name}/*`]);
}
