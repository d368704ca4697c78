import { databasePermissions } from './database-permissions.ts';
import { ownEvidence } from './evidence-permissions.ts';
import { noticePermissions } from './notice-permissions.ts';
import {
  allow,
  anyResource,
  DESCRIBE_ONLY,
  OWN_PREFIX,
  type Permission,
  type PermissionContext,
} from './permission.ts';
import type { ResourceNames } from './resource-names.ts';
import { runState } from './run-state-permission.ts';
import { deletable } from './snapshot-marks.ts';
import type { WatchStep } from './steps.ts';
import { sweepVolumePermissions } from './volume-permissions.ts';

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
  const notices = noticePermissions(names).tell('operators');
  const permissions: Record<WatchStep, () => Permission[]> = {
    watch: () => [
      ...common,
      ...notices,
      anyResource(['rds:DescribeEvents'], 'DescribeEvents knows no resource; it reads what RDS told'),
      allow(['states:ListExecutions'], [names.stateMachineArn()]),
      allow(['states:StartExecution'], [names.keepStoppedArn(), names.cleanUpArn()]),
      read('locks', 'intent', 'runs'),
      write('watch'),
    ],
    keep: () => [
      ...common,
      ...notices,
      ...database.stop,
      ...database.findSnapshot,
      // Servers that somebody started are stopped again only where the configuration says so.
      ...(names.system.drift === 'stop' ? [allow(['ec2:StopInstances'], names.serverArns())] : []),
      read('locks', 'runs'),
      write('intent'),
    ],
    tidy: () => [
      ...common,
      ...notices,
      ...database.describeCopy,
      ...database.deleteCopy,
      ...(names.system.retention === 'keep-all' ? [] : retentionPermissions(names)),
      ...sweepVolumePermissions(names),
      read('locks', 'intent', 'runs'),
      write('tidy'),
      ...ownEvidence('tidy', names, bucketArn),
    ],
    recover: () => [
      ...common,
      allow(
        ['states:GetExecutionHistory'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [objects('locks')], OWN_PREFIX),
      read('runs', 'requests'),
    ],
  };
  return step === 'recover' ? [...permissions[step](), ...runState(names, bucketArn)] : permissions[step]();
}

/** To delete what the policy no longer keeps. That has both tags, which only the closing of a verified run sets: `lib/snapshot-marks.ts`. */
function retentionPermissions(names: ResourceNames): Permission[] {
  const { findSnapshot, deleteSnapshot } = databasePermissions(names);
  return [
    ...findSnapshot,
    ...deleteSnapshot,
    ...(names.system.files.backup === 'none'
      ? []
      : [
          anyResource(['ec2:DescribeSnapshots'], DESCRIBE_ONLY),
          allow(
            ['ec2:DeleteSnapshot'],
            [names.volumeSnapshotsArn()],
            'only with the tags of this system, and of a verified run that newer ones have superseded',
            deletable(names.system.name),
          ),
        ]),
  ];
}
