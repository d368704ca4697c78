import {
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  EC2Client,
  type Volume,
} from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/tidy/handler.ts';
import { awsError, Bucket, RUN_ID, systemInput, unexpected } from '../fixtures.ts';
import { COPY, copyTags, SOURCE } from '../volumes/copies.ts';
import { files, WEB } from '../volumes/world.ts';

const OTHER = 'vol-0ccccccccccccccc2';
const rds = mockClient(RDSClient);
const ec2 = mockClient(EC2Client);
const ses = mockClient(SESClient);
const sfn = mockClient(SFNClient);
const ssm = mockClient(SSMClient);
let bucket: Bucket;
let volumes: Volume[];

const copy = (changes: Partial<Volume> = {}): Volume => ({
  VolumeId: COPY,
  State: 'available',
  SnapshotId: 'snap-00000000000000011',
  Tags: copyTags(),
  Attachments: [],
  ...changes,
});
const held = (State: 'attached' | 'detaching'): Partial<Volume> => ({
  State: 'in-use',
  Attachments: [{ State, InstanceId: WEB.instanceId, Device: '/dev/sdg' }],
});
const sweep = (dryRun = false) => handler({ action: 'sweep', dryRun });
const inputs = (command: typeof DetachVolumeCommand | typeof DeleteVolumeCommand): unknown[] =>
  ec2.commandCalls(command as typeof DetachVolumeCommand).map((call) => call.args[0].input);
const touched = (): unknown[] => [...inputs(DetachVolumeCommand), ...inputs(DeleteVolumeCommand)];
const configure = (backup: 'snapshot' | 'verify'): void => {
  const Value = JSON.stringify(systemInput({ files: { backup } }));
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value } });
};
const keepPlan = (plan: object = { files: files({ backup: 'verify' }) }): void => {
  bucket.put(`runs/crm/${RUN_ID}/plan.json`, { run: { executionArn: 'arn:run' }, plan });
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime('2026-11-28T12:00:00.000Z');
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('CONFIG_PARAMETER', '/lights-out/crm/config');
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  bucket = new Bucket();
  for (const client of [rds, ec2, ses, sfn, ssm]) {
    client.reset();
    client.rejects(unexpected());
  }
  configure('verify');
  keepPlan();
  bucket.mock
    .on(ListObjectsV2Command, { Prefix: 'runs/crm/', Delimiter: '/' })
    .resolves({ CommonPrefixes: [{ Prefix: `runs/crm/${RUN_ID}/` }] });
  rds.on(DescribeDBInstancesCommand).rejects(awsError('DBInstanceNotFoundFault', 404));
  ec2
    .on(DescribeVolumesCommand, { Filters: [{ Name: 'tag:lights-out:system', Values: ['crm'] }] })
    .callsFake(() => ({ Volumes: volumes }));
  ec2.on(DetachVolumeCommand).resolves({});
  ec2.on(DeleteVolumeCommand).resolves({});
  ses.on(SendRawEmailCommand).resolves({});
  sfn
    .on(DescribeExecutionCommand)
    .resolves({ status: 'FAILED', stopDate: new Date('2026-11-27T20:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the sweeper of test volumes', () => {
  it.each(['available', 'error'] as const)(
    'deletes one that is "%s", and tells the operators',
    async (State) => {
      volumes = [copy({ State })];

      const { deleted } = await sweep();

      expect(deleted).toEqual([
        { runId: RUN_ID, name: `test volume ${COPY}`, reason: `was "${State}", its run is over` },
      ]);
      expect(inputs(DeleteVolumeCommand)).toEqual([{ VolumeId: COPY }]);
      expect(inputs(DetachVolumeCommand)).toEqual([]);
      expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(1);
    },
  );

  it.each([
    ['detaches one that is attached', 'attached', {}],
    ['pulls one that its server has kept since the last sweep', 'detaching', { Force: true }],
  ] as const)('%s, and deletes it only when it is off', async (_name, state, force) => {
    volumes = [copy(held(state))];

    const { deleted } = await sweep();

    expect(inputs(DetachVolumeCommand)).toEqual([{ VolumeId: COPY, InstanceId: WEB.instanceId, ...force }]);
    expect(inputs(DeleteVolumeCommand)).toEqual([]);
    expect(deleted[0]?.reason).toContain(WEB.instanceId);
  });

  it.each<[string, Partial<Volume>]>([
    ['of a run without evidence', { Tags: copyTags({ 'lights-out:run': '20261127-1330-00000000' }) }],
    ['a planned volume of the CRM that somebody tagged', { VolumeId: SOURCE }],
    ['one that is its own source', { Tags: copyTags({ 'lights-out:source-volume': COPY }) }],
    ['one that was made from nothing', { SnapshotId: '' }],
    ['another system’s', { Tags: copyTags({ 'lights-out:system': 'erp' }) }],
  ])('leaves %s alone, and says so', async (_name, changes) => {
    volumes = [copy({ ...held('attached'), ...changes })];

    const { deleted, problems } = await sweep();

    expect(deleted).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(changes.VolumeId ?? COPY);
    expect(touched()).toEqual([]);
  });

  it('never touches a volume that another one is a copy of, whatever its tags', async () => {
    volumes = [copy(), copy({ VolumeId: OTHER, Tags: copyTags({ 'lights-out:source-volume': COPY }) })];

    const { problems } = await sweep();

    expect(inputs(DeleteVolumeCommand)).toEqual([{ VolumeId: OTHER }]);
    expect(problems.join()).toContain(COPY);
  });

  it('never touches one that names no source', async () => {
    volumes = [copy({ Tags: copyTags().slice(0, 2) })];

    await sweep();

    expect(touched()).toEqual([]);
  });

  it('never touches any of a run whose plan knows no volumes', async () => {
    keepPlan({});
    volumes = [copy()];

    const { problems } = await sweep();

    expect(problems).toHaveLength(1);
    expect(touched()).toEqual([]);
  });

  it.each([
    ['whose execution runs', { status: 'RUNNING' as const }],
    ['that ended an hour ago', { status: 'FAILED' as const, stopDate: new Date('2026-11-28T11:00:00.000Z') }],
  ])('leaves those of a run %s alone', async (_name, ended) => {
    sfn.on(DescribeExecutionCommand).resolves(ended);
    volumes = [copy(), copy({ VolumeId: OTHER, ...held('attached') })];

    expect(await sweep()).toMatchObject({ deleted: [], problems: [] });
    expect(touched()).toEqual([]);
  });

  it('touches nothing while a run is in progress', async () => {
    bucket.put('locks/crm', { runId: 'r', executionArn: 'arn:r', since: 'x' });
    sfn.on(DescribeExecutionCommand, { executionArn: 'arn:r' }).resolves({ status: 'RUNNING' });
    volumes = [copy()];

    await sweep();

    expect(ec2.calls()).toEqual([]);
  });

  it('goes on when one cannot be removed, and tells nothing of one in a state that passes', async () => {
    volumes = [copy(), copy({ VolumeId: OTHER }), copy({ VolumeId: 'vol-3', State: 'creating' })];
    ec2.on(DeleteVolumeCommand, { VolumeId: COPY }).rejects(awsError('UnauthorizedOperation', 403));

    const { deleted, problems } = await sweep();

    expect(deleted.map(({ name }) => name)).toEqual([`test volume ${OTHER}`]);
    expect(problems).toHaveLength(1);
  });

  it('tells nobody when EC2 refuses it for now', async () => {
    volumes = [copy()];
    ec2.on(DeleteVolumeCommand).rejects(awsError('VolumeInUse'));

    expect(await sweep()).toMatchObject({ deleted: [], problems: [] });
    expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
  });

  it('only says what it would do in a dry run', async () => {
    volumes = [copy()];

    expect((await sweep(true)).deleted).toHaveLength(1);
    expect(touched()).toEqual([]);
    expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
  });

  it('is not asked for where no run makes any', async () => {
    configure('snapshot');

    await sweep();

    expect(ec2.calls()).toEqual([]);
  });
});
