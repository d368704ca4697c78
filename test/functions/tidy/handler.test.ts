import { DeleteSnapshotCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SystemConfigInput } from '../../../functions/shared/contract/config.ts';
import { handler } from '../../../functions/tidy/handler.ts';
import { awsError, Bucket, systemInput, unexpected } from '../fixtures.ts';

const NOW = '2026-12-31T12:00:00.000Z';
const rds = mockClient(RDSClient);
const ec2 = mockClient(EC2Client);
const ses = mockClient(SESClient);
const sfn = mockClient(SFNClient);
const ssm = mockClient(SSMClient);
let bucket: Bucket;
let snapshots: Record<string, { Status?: string; source?: string; tags?: object[] }>;
let copies: Record<string, { DBInstanceStatus: string; tags?: object[] }>;

const id = (day: string): string => `${day}-2200-aaaaaaaa`;
const named = (runId: string): string => `lights-out-crm-${runId}`;
const tags = (runId: string, system = 'crm') => [
  { Key: 'lights-out:system', Value: system },
  { Key: 'lights-out:run', Value: runId },
];
/** A run of that day with a snapshot, and what its certificate says of it; undefined: it has none. */
function run(day: string, verified: boolean | undefined): string {
  const runId = id(day);
  bucket.put(`runs/crm/${runId}/plan.json`, { run: { executionArn: `arn:${runId}` } });
  if (verified !== undefined)
    bucket.put(`runs/crm/${runId}/certificate.json`, {
      snapshot: { identifier: named(runId), confirmed: true, verified },
      verification: { policy: 'full' },
    });
  snapshots[named(runId)] = {};
  return runId;
}
const configure = (changes: Partial<SystemConfigInput> = {}) =>
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(systemInput(changes)) } });
const deleted = () =>
  rds.commandCalls(DeleteDBSnapshotCommand).map((call) => call.args[0].input.DBSnapshotIdentifier);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(NOW);
  vi.stubEnv('SYSTEM_NAME', 'crm');
  vi.stubEnv('CONFIG_PARAMETER', '/lights-out/crm/config');
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation(() => {});
  bucket = new Bucket();
  snapshots = {};
  copies = {};
  for (const client of [rds, ec2, ses, sfn, ssm]) {
    client.reset();
    client.rejects(unexpected());
  }
  configure();
  bucket.mock.on(ListObjectsV2Command, { Prefix: 'runs/crm/', Delimiter: '/' }).callsFake(() => ({
    CommonPrefixes: [
      ...new Set([...bucket.objects.keys()].map((key) => /^runs\/crm\/[^/]+\//.exec(key)?.[0])),
    ]
      .filter((prefix) => prefix !== undefined)
      .map((Prefix) => ({ Prefix })),
  }));
  rds.on(DescribeDBSnapshotsCommand).callsFake(({ DBSnapshotIdentifier: name }) => {
    const snapshot = snapshots[name];
    if (snapshot === undefined) throw awsError('DBSnapshotNotFoundFault', 404);
    return {
      DBSnapshots: [
        {
          DBSnapshotIdentifier: name,
          DBInstanceIdentifier: snapshot.source ?? 'crm-db',
          Status: snapshot.Status ?? 'available',
          TagList: snapshot.tags ?? tags(name.slice('lights-out-crm-'.length)),
        },
      ],
    };
  });
  rds.on(DeleteDBSnapshotCommand).callsFake(({ DBSnapshotIdentifier: name }) => {
    delete snapshots[name];
    return {};
  });
  rds.on(DescribeDBInstancesCommand).callsFake(({ DBInstanceIdentifier: name }) => {
    const copy = copies[name];
    if (copy === undefined) throw awsError('DBInstanceNotFoundFault', 404);
    return {
      DBInstances: [
        {
          DBInstanceIdentifier: name,
          DBInstanceStatus: copy.DBInstanceStatus,
          TagList: copy.tags ?? tags(name.slice('lights-out-crm-'.length)),
        },
      ],
    };
  });
  rds.on(DeleteDBInstanceCommand).resolves({});
  ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [] });
  ec2.on(DeleteSnapshotCommand).resolves({});
  ses.on(SendRawEmailCommand).resolves({});
  sfn
    .on(DescribeExecutionCommand)
    .resolves({ status: 'ABORTED', stopDate: new Date('2026-12-31T08:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('retention', () => {
  const policy = { retention: { snapshots: 2, days: 30 } };

  it('keeps the newest verified ones and all of the last days, and deletes the older ones', async () => {
    configure(policy);
    for (const day of ['20260901', '20260908', '20261010', '20261220']) run(day, true);

    const { kept } = await handler({ action: 'retain' });

    expect(kept).toEqual([named(id('20261220')), named(id('20261010'))]);
    expect(deleted().sort()).toEqual([named(id('20260901')), named(id('20260908'))]);
    expect(bucket.read(`runs/crm/${id('20260901')}/retention.json`)).toMatchObject({
      at: NOW,
      deleted: [named(id('20260901'))],
    });
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(1);
  });

  it('never deletes the newest verified one, however old it is', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    run('20250101', true);
    run('20251201', false);
    run('20251202', undefined);

    const { problems } = await handler({ action: 'retain' });

    expect(deleted()).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('never verified, or its certificate is gone');
  });

  it('counts snapshots and not certificates: one that somebody deleted takes nobody’s place', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    run('20260101', true);
    delete snapshots[named(run('20260201', true))];

    await handler({ action: 'retain' });

    expect(deleted()).toEqual([]);
  });

  it('keeps the one that the system is off on', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    const off = run('20260101', true);
    run('20260201', true);
    bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'x', run: { id: off }, stoppedAgain: 0 });

    await handler({ action: 'retain' });

    expect(deleted()).toEqual([]);
  });

  it.each([
    ['of another database', { source: 'erp-db' }],
    ['without the tags of its run', { tags: tags('another') }],
    ['of another system', { tags: tags(id('20260101'), 'erp') }],
    ['without any tag', { tags: [] }],
  ])('never deletes one %s, and says so', async (_name, changes) => {
    configure({ retention: { snapshots: 1, days: 1 } });
    run('20260201', true);
    snapshots[named(run('20260101', true))] = changes;

    const { problems } = await handler({ action: 'retain' });

    expect(deleted()).toEqual([]);
    expect(problems.join()).toContain(named(id('20260101')));
  });

  it('deletes the snapshots of the volumes of the same run, by both tags', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    const old = run('20260101', true);
    run('20260201', true);
    ec2
      .on(DescribeSnapshotsCommand, {
        OwnerIds: ['self'],
        Filters: [
          { Name: 'tag:lights-out:system', Values: ['crm'] },
          { Name: 'tag:lights-out:run', Values: [old] },
        ],
      })
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1' }] });

    await handler({ action: 'retain' });

    expect(ec2.commandCalls(DeleteSnapshotCommand).map((call) => call.args[0].input)).toEqual([
      { SnapshotId: 'snap-1' },
    ]);
  });

  it('is done twice without harm, and tells nothing the second time', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    run('20260101', true);
    run('20260201', true);

    await handler({ action: 'retain' });
    await handler({ action: 'retain' });

    expect(deleted()).toHaveLength(1);
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(1);
  });

  it('only says what it would delete in a dry run', async () => {
    configure({ retention: { snapshots: 1, days: 1 } });
    run('20260101', true);
    run('20260201', true);

    const answer = await handler({ action: 'retain', dryRun: true });

    expect(answer.deleted).toHaveLength(1);
    expect(deleted()).toEqual([]);
    expect(bucket.objects.has(`runs/crm/${id('20260101')}/retention.json`)).toBe(false);
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(0);
  });

  it.each([
    ['the policy keeps all', () => configure({ retention: 'keep-all' })],
    [
      'a run is in progress',
      () => {
        configure({ retention: { snapshots: 1, days: 1 } });
        bucket.put('locks/crm', { runId: 'r', executionArn: 'arn:r', since: 'x' });
        sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
      },
    ],
  ])('deletes nothing when %s', async (_name, change) => {
    run('20260101', true);
    run('20260201', true);
    change();

    await handler({ action: 'retain' });

    expect(deleted()).toEqual([]);
  });

  it('keeps 12 and 90 days by default', async () => {
    for (let day = 1; day <= 14; day += 1) run(`202601${String(day).padStart(2, '0')}`, true);

    await handler({ action: 'retain' });

    expect(deleted().sort()).toEqual([named(id('20260101')), named(id('20260102'))]);
  });
});

describe('the sweeper', () => {
  const gone = () =>
    rds.commandCalls(DeleteDBInstanceCommand).map((call) => call.args[0].input.DBInstanceIdentifier);

  it('deletes the test instance of a run that is over, and tells the operators', async () => {
    const runId = run('20261230', undefined);
    copies[named(runId)] = { DBInstanceStatus: 'available' };

    const answer = await handler({ action: 'sweep' });

    expect(gone()).toEqual([named(runId)]);
    expect(answer.deleted).toHaveLength(1);
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(1);
  });

  it.each([
    ['whose execution runs', { status: 'RUNNING' as const }],
    ['that is being redriven', { status: 'PENDING_REDRIVE' as const }],
    ['that ended just now', { status: 'ABORTED' as const, stopDate: new Date('2026-12-31T11:00:00.000Z') }],
  ])('leaves the one of a run %s alone', async (_name, execution) => {
    copies[named(run('20261230', undefined))] = { DBInstanceStatus: 'available' };
    sfn.on(DescribeExecutionCommand).resolves(execution);

    expect((await handler({ action: 'sweep' })).deleted).toEqual([]);
    expect(gone()).toEqual([]);
  });

  it.each([
    ['no tags', []],
    ['the tags of another run', tags('another')],
    ['the tags of another system', tags(id('20261230'), 'erp')],
  ])('never deletes an instance of that name with %s', async (_name, own) => {
    copies[named(run('20261230', undefined))] = { DBInstanceStatus: 'available', tags: own };

    const { problems } = await handler({ action: 'sweep' });

    expect(gone()).toEqual([]);
    expect(problems.join()).toContain('does not carry the tags');
  });

  it('never touches a snapshot, nor one that is being deleted already, nor a run without a plan', async () => {
    copies[named(run('20261230', true))] = { DBInstanceStatus: 'deleting' };
    const planless = run('20261229', undefined);
    bucket.objects.delete(`runs/crm/${planless}/plan.json`);
    bucket.put(`runs/crm/${planless}/announcement.json`, {});
    copies[named(planless)] = { DBInstanceStatus: 'available' };

    await handler({ action: 'sweep' });

    expect(gone()).toEqual([]);
    expect(deleted()).toEqual([]);
  });

  it('goes on when one of them cannot be deleted', async () => {
    for (const day of ['20261229', '20261230'])
      copies[named(run(day, undefined))] = { DBInstanceStatus: 'available' };
    rds
      .on(DeleteDBInstanceCommand, { DBInstanceIdentifier: named(id('20261230')) })
      .rejects(awsError('AccessDenied', 403));

    const answer = await handler({ action: 'sweep' });

    expect(answer.deleted).toHaveLength(1);
    expect(answer.problems).toHaveLength(1);
  });
});
