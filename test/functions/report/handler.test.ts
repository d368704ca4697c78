import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { DescribeStateMachineForExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler, type ReportEvent } from '../../../functions/report/handler.ts';
import { outcomeOf, type ReachedState } from '../../../functions/report/outcome.ts';
import { AwsWorld } from '../aws-world.ts';
import {
  type AskedInstances,
  askedInstances,
  awsError,
  execution,
  planned,
  RUN_ID,
  runContext,
} from '../fixtures.ts';
import { folder } from './evidence.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

let world: AwsWorld;
const failure = { Error: 'SnapshotFailed', Cause: '{"errorMessage":"it ended as <failed> & worse"}' };
const off = { database: { done: true }, servers: { done: true } };
const rollback = {
  testInstance: { done: true },
  services: { done: true, services: [] },
  maintenance: { done: true },
};
const reached = (more: object = {}): ReachedState => planned(more) as ReachedState;
const close = (state: ReachedState) => handler({ action: 'close', execution, state } as ReportEvent);
const lock = (executionArn = execution.id) =>
  world.bucket.put('locks/crm', { runId: RUN_ID, executionArn, since: 'x' });

beforeEach(() => {
  world = new AwsWorld();
  world.configure();
  world.rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
  // EC2 says nothing of their state.
  world.ec2.on(DescribeInstancesCommand).callsFake((input: AskedInstances) => ({
    Reservations: [{ Instances: askedInstances(input).map((InstanceId) => ({ InstanceId })) }],
  }));
  world.ses.on(SendRawEmailCommand).resolves({ MessageId: 'm' });
  world.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  world.sfn.on(DescribeStateMachineForExecutionCommand).resolves({
    definition:
      '{"StartAt":"Plan","States":{"Plan":{"Type":"Task","Next":"Close the run"},"Close the run":{"Type":"Task"}}}',
  });
});

/** Who was mailed, in order. */
const mailed = async () => (await world.mails()).map(({ to }) => to);

describe('the outcome, from the state alone', () => {
  it.each([
    ['planned', reached({ run: runContext({ dryRun: true }) })],
    ['succeeded', reached({ off })],
    ['partly-off', reached({ off: { ...off, servers: { Error: 'ServerDidNotStop', Cause: '' } } })],
    ['partly-off', reached({ off: { ...off, database: { Error: 'States.Timeout', Cause: '' } } })],
    ['denied', reached({ failure: { Error: 'ApprovalDenied', Cause: '' } })],
    ['refused', reached({ failure: { Error: 'RunInProgress', Cause: '' } })],
    ['rolled-back', reached({ failure, rollback })],
    ['failed', reached({ failure, rollback: { ...rollback, services: failure } })],
    ['failed', reached({ failure })],
    ['failed', reached()],
    ['failed', {}],
  ])('%s', (outcome, state) => {
    expect(outcomeOf(state as ReachedState)).toBe(outcome);
  });
});

describe('report close', () => {
  it('stores certificate and report, tells the operators, and releases the lock', async () => {
    lock();

    const result = await close(
      reached({ off, backup: { snapshot: { done: true, identifier: 'snap', arn: 'arn:snap' } } }),
    );

    expect(result).toMatchObject({ outcome: 'succeeded', mailsSent: 1 });
    expect(world.bucket.read(`${folder}/certificate.json`)).toMatchObject({
      outcome: 'succeeded',
      snapshot: { identifier: 'snap' },
    });
    expect(world.bucket.objects.get(`${folder}/report.html`)?.text).toContain('<!doctype html>');
    expect(await mailed()).toEqual(['ops@example.com']);
    expect(world.bucket.objects.has('locks/crm')).toBe(false);
  });

  it('tells users too when what they were told does not take place, and mails nobody twice', async () => {
    const state = reached({ failure, rollback, announcement: { sent: 3, rounds: [30] } });

    expect(await close(state)).toMatchObject({ outcome: 'rolled-back', mailsSent: 4 });
    expect(await close(state)).toMatchObject({ outcome: 'rolled-back', mailsSent: 4 });

    expect(await mailed()).toEqual([
      'ops@example.com',
      'all@example.com',
      'desk@example.com',
      'partners@example.com',
    ]);
    expect(world.bucket.objects.get(`${folder}/report.html`)?.text ?? '').toContain(
      'it ended as &lt;failed&gt; &amp; worse',
    );
  });

  it('closes a run whose input was refused, without run, configuration or plan', async () => {
    const result = await close({
      failure: { Error: 'InvalidInput', Cause: 'input.at: expected a time' },
    } as ReachedState);

    expect(result).toMatchObject({ outcome: 'failed', summary: expect.stringContaining('InvalidInput') });
    expect(await mailed()).toEqual(['ops@example.com']);
  });

  it('tells nobody of a dry run', async () => {
    expect(await close(reached({ run: runContext({ dryRun: true }) }))).toMatchObject({
      outcome: 'planned',
      mailsSent: 0,
    });
    expect(await mailed()).toEqual([]);
  });

  it('does not say that the CRM is available again while the database is not, whoever took it down', async () => {
    world.rds
      .on(DescribeDBInstancesCommand)
      .resolves({ DBInstances: [{ DBInstanceStatus: 'storage-full' }] });

    const result = await close(reached({ failure, rollback, drain: { maintenance: 'on', sent: 1 } }));

    expect(result).toMatchObject({ outcome: 'failed' });
    expect(world.bucket.read(`${folder}/certificate.json`)).toMatchObject({ outcome: 'failed' });
    expect(await mailed()).toEqual(['ops@example.com']);
  });

  it('tells the users that it does not take place when a call of the announcement was lost after its note', async () => {
    world.bucket.put(`${folder}/announcement.json`, { sent: 0, rounds: [], next: 0 });
    const lost = { failure: { Error: 'Runtime.ExitError', Cause: '' }, acceptance: { planKey: 'x' } };

    await close(reached(lost));

    expect((await mailed()).length).toBeGreaterThan(1);
  });

  it('leaves another run’s lock alone', async () => {
    lock('arn:another');

    await close(reached({ failure: { Error: 'RunInProgress', Cause: '' } }));

    expect(world.bucket.objects.has('locks/crm')).toBe(true);
  });

  it('does the other parts when one fails: no mail, no look, and still the lock is released', async () => {
    lock();
    world.ses.on(SendRawEmailCommand).rejects(awsError('ServiceUnavailable', 503));
    world.rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403));

    const result = await close(reached({ off }));

    expect(result).toMatchObject({ outcome: 'succeeded', mailsSent: 0 });
    expect(JSON.stringify(world.bucket.read(`${folder}/certificate.json`))).toContain(
      'could not be looked at',
    );
    expect(world.bucket.objects.has('locks/crm')).toBe(false);
  });
});
