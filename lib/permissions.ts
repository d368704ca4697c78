import { databasePermissions } from './database-permissions.ts';
import { hasLook } from './documents/look-document.ts';
import { ownEvidence } from './evidence-permissions.ts';
import { keyPermissions } from './key-permissions.ts';
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
import { markSnapshots } from './snapshot-marks.ts';
import { isWatchStep, type Step, type WatchStep } from './steps.ts';
import { volumePermissions } from './volume-permissions.ts';
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
  const notices = noticePermissions(names);
  const signIn = databaseUser(names);
  // Who asked is on record once: nothing that lies there is ever written over.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  const recordRequest = allow(['s3:PutObject'], [objects('requests')], OWN_PREFIX, {
    Null: { 's3:if-none-match': 'false' },
  });
  const command = (document: string): Permission =>
    allow(['ssm:SendCommand'], [document, ...names.serverArns()]);
  const commandAnswers = anyResource(
    ['ssm:GetCommandInvocation', 'ssm:ListCommandInvocations'],
    'these actions know no resource here; they read answers of commands by their id',
  );
  const agents = anyResource(['ssm:DescribeInstanceInformation'], DESCRIBE_ONLY);
  const database = databasePermissions(names);

  const answers = [
    anyResource(
      ['states:SendTaskSuccess', 'states:SendTaskFailure'],
      'these actions know no resource; they need the task token, and no answer counts without its record',
    ),
    allow(['s3:GetObject', 's3:DeleteObject'], [objects('approvals')], OWN_PREFIX),
    write('answers'),
  ];
  const { approval, files, maintenance, services } = names.system;

  const permissions: Record<Exclude<Step, WatchStep>, () => Permission[]> = {
    plan: () => [
      ...database.look,
      // A system that is off already is proved by the snapshot of the run before.
      ...database.findSnapshot,
      ...keyPermissions(names).look,
      anyResource(
        [
          'rds:DescribeAccountAttributes',
          'rds:DescribeOrderableDBInstanceOptions',
          'ec2:DescribeInstances',
          'ec2:DescribeInstanceTypes',
          ...(files.backup === 'none' ? [] : ['ec2:DescribeVolumes', 'ec2:DescribeSnapshots']),
          'ssm:DescribeInstancePatchStates',
        ],
        DESCRIBE_ONLY,
      ),
      ...notices.look,
      ...(hasLook(names.system) ? [command(names.documentArn(names.lookDocument)), commandAnswers] : []),
      allow(['ec2:DescribeInstanceAttribute'], names.serverArns()),
      agents,
      allow(
        ['states:DescribeExecution'],
        names.executionsArns(),
        'the executions of this system’s own state machines',
      ),
      write('locks', 'intent'),
      read('durations', 'requests', 'runs'),
      list,
    ],
    inspect: () => signIn,
    approve: () => [
      ...notices.tell('approvers'),
      allow(['s3:PutObject'], [objects('approvals')], OWN_PREFIX),
      read('locks', 'answers'),
      list,
    ],
    announce: () => [...notices.tell('users'), ...notices.pace, read('locks'), list],
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
      ...notices.tell('users', 'operators'),
      write('durations', 'intent'),
      read('requests', 'runs'),
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
      read('locks', 'requests'),
      recordRequest,
      write('intent'),
      list,
    ],
    start: () => [
      allow(['states:StartExecution'], [names.stateMachineArn()]),
      allow(
        ['states:DescribeExecution'],
        [names.executionsArn()],
        'the executions of this system’s own state machine',
      ),
      recordRequest,
    ],
  };
  const evidence = [...permissions[step](), ...ownEvidence(step, names, bucketArn)];
  // These two are called by people and by the scheduler, with no run's state.
  const isOfARun = step !== 'api' && step !== 'start';
  return isOfARun ? [...evidence, ...runState(names, bucketArn)] : evidence;
}
