import { allow, OWN_PREFIX, type Permission } from './permission.ts';
import type { ResourceNames } from './resource-names.ts';
import type { Step } from './steps.ts';

interface Files {
  /** Written once: what lies there is never written over. */
  once?: string[];
  /** Written again by a call that is repeated, by its own step. The bucket keeps each version. */
  again?: string[];
}

/**
 * Who writes which files of a run's evidence, below `runs/<system>/<run>/`: each file has one writer. The names are those of
 * `EvidenceKey` in functions/contract/keys.ts, with `*` for what only a run knows.
 */
export const EVIDENCE_WRITTEN_BY: Partial<Record<Step, Files>> = {
  plan: { again: ['plan.json'] },
  announce: { again: ['announcement.json'] },
  services: { once: ['services-before.json'] },
  manifest: { again: ['manifest-source.json', 'batches/source*'] },
  verify: {
    again: [
      'manifest-restored.json',
      'manifest-again-*.json',
      'verification.json',
      'engine-check.json',
      'last-look.json',
      'batches/restored*',
      'batches/again-*',
    ],
  },
  volumes: {
    again: ['volumes.json', 'volumes/request-*.json', 'files-source.json', 'files-verification.json'],
  },
  report: {
    once: ['certificate-before-redrive-*.json'],
    // A run that is redriven is closed again; the certificate of before is kept under a name of its own.
    again: ['certificate.json', 'closed.json', 'report.html'],
  },
  tidy: { again: ['retention.json'] },
};

/** Read what is written there, and write it only where nothing lies: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
export function writeOnce(objects: string[]): Permission[] {
  return [
    allow(['s3:GetObject'], objects, OWN_PREFIX),
    allow(['s3:PutObject'], objects, OWN_PREFIX, { Null: { 's3:if-none-match': 'false' } }),
  ];
}

/** To write the files of a run's evidence that are this step's own. */
export function ownEvidence(step: Step, names: ResourceNames, bucketArn: string): Permission[] {
  const { once = [], again = [] } = EVIDENCE_WRITTEN_BY[step] ?? {};
  const objects = (files: string[]): string[] =>
    files.map((file) => `${bucketArn}/runs/${names.system.name}/*/${file}`);
  return [
    ...(once.length === 0 ? [] : writeOnce(objects(once))),
    ...(again.length === 0 ? [] : [allow(['s3:GetObject', 's3:PutObject'], objects(again), OWN_PREFIX)]),
  ];
}
