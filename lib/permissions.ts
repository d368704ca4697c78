import { databasePermissions } from './database-permissions.ts';
import { ownEvidence } from './evidence-permissions.ts';
import { keyPermissions } from './key-permissions.ts';
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
import { volumePermissions } from './volume-permissions.ts';
import { markSnapshots } from './snapshot-marks.ts';
import { isWatchStep, type Step, type WatchStep } from './steps.ts';
import { watchPermissions } from './watch-permissions.ts';

/** To sign in to the database: by a token that IAM judges, or with a password from Secrets Manager. */
function databaseUser(names: ResourceNames): Permission[] {
  const { credentialsSecretArn, iamUser } = names.system.database;
  if (iamUser !== undefined) {
    return [
      allow(
        ['rds-db:connect'],
        [names.databaseUserArn(iamUser)],
        'this user alone, on source and test instance, whose resource ids are not known before they exist: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html',
      ),
    ];
  }
  return [
    ...(credentialsSecretArn === undefined
      ? []
      : [allow(['secretsmanager:GetSecretValue'], [credentialsSecretArn])]),
    ...keyPermissions(names).secret,
  ];
}

/** Every function's permissions: only what it calls, on this system's own resources. */
export function permissionsOf(step: Step, context: PermissionContext): Permission[] {
  if (isWatchStep(step)) return watchPermissions(step, context);
  const { names, bucketArn } = context;
  const objects = (prefix: string): string => `${bucketArn}/${prefix}/*`;
  const read = (...prefixes: string[]): Permission =>
    allow(['s3:GetObject'], prefixes.map(objects), OWN_PREFIX);
  const write = (...prefixes: string[]): Permission =>
    allow(['s3:GetObject', 's3:PutObject'], prefixes.map(objects), OWN_PREFIX);
  // Without it S3 answers 403 in place of 404 for an object that is not there.
  const list = allow(['s3:ListBucket'], [bucketArn]);
  const mail = [allow(['ses:SendRawEmail'], names.senderArns())];
  const signIn = databaseUser(names);
  const command = (document: string): Permission =>
    allow(['ssm:SendCommand'], [document, ...names.serverArns()]);
  const commandAnswers = anyResource(
    ['ssm:GetCommandInvocation'],
    'GetCommandInvocation knows no resource; it reads answers of commands by their id',
  );
  const agents = anyResource(['ssm:DescribeInstanceInformation'], DESCRIBE_ONLY);
  const database = databasePermissions(names);

  const answers = [
    anyResource(
      ['states:SendTaskSuccess', 'states:SendTaskFailure'],
      'these actions know no resource; they need the task token, which only the evidence bucket holds',
    ),
    allow(['s3:GetObject', 's3:DeleteObject'], [objects('approvals')], OWN_PREFIX),
  ];
  const { approval, files, maintenance, services } = names.system;

  const permissions: Record<Exclude<Step, WatchStep>, () => Permission[]> = {
    plan: () => [
      ...database.look,
      ...keyPermissions(names).look,
      anyResource(
        [
          'rds:DescribeAccountAttributes',
          'rds:DescribeOrderableDBInstanceOptions',
          'ec2:DescribeInstances',
          'ec2:DescribeInstanceTypes',
          ...(files.backup === 'none' ? [] : ['ec2:DescribeVolumes', 'ec2:DescribeSnapshots']),
          'ssm:DescribeInstancePatchStates',
          'ses:GetSendQuota',
          'ses:GetIdentityVerificationAttributes',
        ],
        DESCRIBE_ONLY,
      ),
      allow(['ec2:DescribeInstanceAttribute'], names.serverArns()),
      agents,
      allow(
        ['states:DescribeExecution'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      write('locks', 'intent'),
      read('durations', 'runs'),
      list,
    ],
    inspect: () => signIn,
    approve: () => [
      ...mail,
      allow(['s3:PutObject'], [objects('approvals')], OWN_PREFIX),
      read('locks'),
      list,
    ],
    announce: () => [...mail, anyResource(['ses:GetSendQuota'], DESCRIBE_ONLY), read('locks'), list],
    drain: () => [
      ...signIn,
      ...(maintenance === undefined
        ? []
        : [command(names.documentArn(names.maintenanceDocument)), commandAnswers, agents]),
      // The certificate tells that the run was closed.
      read('locks', 'runs'),
      list,
    ],
    update: () => [
      command(names.awsDocumentArn('AWS-RunPatchBaseline')),
      commandAnswers,
      anyResource(['ssm:DescribeInstancePatchStates'], DESCRIBE_ONLY),
      ...database.describe,
      ...database.maintain,
      read('locks'),
      list,
    ],
    services: () => [
      ...(services.length === 0
        ? []
        : [command(names.documentArn(names.serviceDocument)), commandAnswers, agents]),
      // The certificate tells that the run was closed.
      read('locks', 'runs'),
      list,
    ],
    manifest: () => [...signIn, list],
    snapshot: () => [...database.snapshot, read('locks'), list],
    volumes: () => [
      command(names.documentArn(names.volumesDocument)),
      commandAnswers,
      agents,
      anyResource(
        names.system.files.backup === 'verify'
          ? ['ec2:DescribeSnapshots', 'ec2:DescribeVolumes']
          : ['ec2:DescribeSnapshots'],
        DESCRIBE_ONLY,
      ),
      ...volumePermissions(names),
      read('locks'),
      list,
    ],
    restore: () => [...database.copy, read('locks'), list],
    verify: () => [...signIn, read('runs'), list],
    database: () => [...database.stop, read('locks'), list],
    servers: () => [
      allow(['ec2:StopInstances'], names.serverArns()),
      anyResource(['ec2:DescribeInstances'], DESCRIBE_ONLY),
      read('locks'),
      list,
    ],
    report: () => [
      ...database.describe,
      ...database.describeCopy,
      anyResource(
        ['ec2:DescribeInstances', ...(files.backup === 'verify' ? ['ec2:DescribeVolumes'] : [])],
        DESCRIBE_ONLY,
      ),
      ...database.findSnapshot,
      ...markSnapshots(names),
      anyResource(['rds:DescribeEvents'], 'DescribeEvents knows no resource; it reads what RDS told'),
      allow(
        ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:DescribeStateMachineForExecution'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      ...mail,
      write('durations', 'intent'),
      read('runs'),
      // A redriven run takes its lock again.
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [objects('locks')], OWN_PREFIX),
      list,
    ],
    api: () => [
      allow(['states:StartExecution'], [names.stateMachineArn()]),
      allow(
        ['states:DescribeExecution'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      ...(approval === undefined ? [] : answers),
      read('locks'),
      write('intent'),
      list,
    ],
  };
  const evidence = [...permissions[step](), ...ownEvidence(step, names, bucketArn)];
  return step === 'api' ? evidence : [...evidence, ...runState(names, bucketArn)];
}
