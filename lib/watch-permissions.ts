import { ResourceTag } from '../functions/shared/contract/keys.ts';
import { databasePermissions } from './database-permissions.ts';
import {
  allow,
  anyResource,
  DESCRIBE_ONLY,
  OWN_PREFIX,
  type Permission,
  type PermissionContext,
} from './permission.ts';
import { runState } from './run-state-permission.ts';
import { sweepVolumePermissions } from './volume-permissions.ts';

/** Functions that work after a run: they watch what is meant to be off, and clean up after a run that did not close. Each a folder below `functions/`. */
export const WATCH_STEPS = ['watch', 'keep', 'recover', 'tidy'] as const;
export type WatchStep = (typeof WATCH_STEPS)[number];

export function isWatchStep(step: string): step is WatchStep {
  return (WATCH_STEPS as readonly string[]).includes(step);
}

/** What the watching functions may do. The one that decides stops nothing; those that stop or delete are started by it. */
export function watchPermissions(step: WatchStep, { names, bucketArn }: PermissionContext): Permission[] {
  const objects = (prefix: string): string => `${bucketArn}/${prefix}/*`;
  const read = (...prefixes: string[]): Permission =>
    allow(['s3:GetObject'], prefixes.map(objects), OWN_PREFIX);
  const write = (...prefixes: string[]): Permission =>
    allow(['s3:GetObject', 's3:PutObject'], prefixes.map(objects), OWN_PREFIX);
  // Without it S3 answers 403 in place of 404 for an object that is not there.
  const list = allow(['s3:ListBucket'], [bucketArn]);
  const database = databasePermissions(names);
  const common = [
    ...database.describe,
    anyResource(['ec2:DescribeInstances'], DESCRIBE_ONLY),
    allow(
      ['states:DescribeExecution'],
      names.executionsArns(),
      'the executions of this system’s own state machines',
    ),
    list,
  ];
  const mail = allow(['ses:SendRawEmail'], names.senderArns());
  const permissions: Record<WatchStep, () => Permission[]> = {
    watch: () => [
      ...common,
      mail,
      anyResource(['rds:DescribeEvents'], 'DescribeEvents knows no resource; it reads what RDS told'),
      allow(['states:ListExecutions'], [names.stateMachineArn()]),
      allow(['states:StartExecution'], [names.keepStoppedArn(), names.cleanUpArn()]),
      read('locks', 'intent', 'runs'),
      write('watch'),
    ],
    keep: () => [
      ...common,
      mail,
      ...database.stop,
      ...database.findSnapshot,
      allow(['ec2:StopInstances'], names.serverArns()),
      read('locks', 'runs'),
      write('intent'),
    ],
    tidy: () => [
      ...common,
      mail,
      ...database.describeCopy,
      ...database.deleteCopy,
      ...database.findSnapshot,
      ...database.deleteSnapshot,
      anyResource(['ec2:DescribeSnapshots'], DESCRIBE_ONLY),
      allow(['ec2:DeleteSnapshot'], [names.volumeSnapshotsArn()], 'only with the tag of this system', {
        StringEquals: { [`aws:ResourceTag/${ResourceTag.System}`]: names.system.name },
      }),
      ...sweepVolumePermissions(names),
      read('locks', 'intent'),
      write('runs', 'tidy'),
    ],
    recover: () => [
      ...common,
      allow(
        ['states:GetExecutionHistory'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [objects('locks')], OWN_PREFIX),
      read('runs'),
    ],
  };
  return step === 'recover' ? [...permissions[step](), runState(names, bucketArn)] : permissions[step]();
}
