import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../functions/recover/handler.ts';
import type { LookedAtRun, RecoveredState } from '../../../functions/shared/contract/recovery.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  plan,
  RUN_ID,
  runContext,
  standStill,
  system,
} from '../fixtures.ts';

const rds = mockClient(RDSClient);
const ec2 = mockClient(EC2Client);
const sfn = mockClient(SFNClient);
const OWN = {
  id: 'arn:aws:states:eu-central-1:123456789012:execution:LightsOut-crm-CleanUp:c1',
  name: 'c1',
  startTime: '2026-11-27T15:00:10.000Z',
};
const STOPPED = new Date('2026-11-27T15:00:00.000Z');
const base = { run: runContext(), config: system(), plan: plan() };
let bucket: Bucket;
let events: HistoryEvent[];
let database: string;
let servers: string;

const entered = (name: string, input: unknown): HistoryEvent => ({
  id: events.length + 1,
  timestamp: STOPPED,
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name, input: JSON.stringify(input) },
});
const happened = (type: HistoryEvent['type']): HistoryEvent => ({
  id: events.length + 1,
  timestamp: STOPPED,
  type,
});
const tell = (...story: [string, unknown?][]) => {
  for (const [name, input] of story) events.push(entered(name, input ?? base));
};
const look = (looked?: LookedAtRun) =>
  handler({
    action: 'look',
    execution: OWN,
    state: { executionArn: execution.id, ...(looked === undefined ? {} : { looked }) },
  }) as Promise<LookedAtRun>;
const takeUp = (kind: LookedAtRun['kind']) =>
  handler({
    action: 'take-up',
    execution: OWN,
    state: { executionArn: execution.id, looked: { kind, found: '', done: true, waitSeconds: 0, since: '' } },
  }) as Promise<RecoveredState>;

standStill('2026-11-27T15:10:00.000Z');
allowNothing(rds, ec2, sfn);
beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  bucket = new Bucket();
  bucket.put('locks/crm', { runId: RUN_ID, executionArn: execution.id, since: execution.startTime });
  events = [];
  events.push(happened('ExecutionStarted'));
  database = 'available';
  servers = 'running';
  rds.on(DescribeDBInstancesCommand).callsFake(() => ({ DBInstances: [{ DBInstanceStatus: database }] }));
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters }) => ({
    Reservations: [
      {
        Instances: Filters[0].Values.map((InstanceId: string) => ({ InstanceId, State: { Name: servers } })),
      },
    ],
  }));
  sfn.on(DescribeExecutionCommand).resolves({
    status: 'ABORTED',
    name: execution.name,
    startDate: new Date(execution.startTime),
    stopDate: STOPPED,
    error: 'Night shift',
    cause: 'the sales team called',
  });
  sfn.on(GetExecutionHistoryCommand, { reverseOrder: true }).callsFake(({ nextToken }) => {
    // Two events a page, so that paging is always needed.
    const reversed = [...events].reverse();
    const from = Number(nextToken ?? 0);
    return {
      events: reversed.slice(from, from + 2),
      ...(from + 2 < reversed.length ? { nextToken: String(from + 2) } : {}),
    };
  });
});

describe('looking at a run that is over', () => {
  it.each(['RUNNING', 'PENDING_REDRIVE'] as const)(
    'leaves it alone when it is %s, and goes on being',
    async (status) => {
      sfn.on(DescribeExecutionCommand).resolves({ status });

      // Step Functions may be behind its own event: what was said to have ended is not believed to run at once.
      const first = await look();
      expect(first).toMatchObject({ done: false, waitSeconds: 15, kind: 'nothing' });
      vi.setSystemTime('2026-11-27T15:12:00.000Z');
      expect(await look(first)).toMatchObject({ done: true, kind: 'nothing' });
      expect(bucket.read('locks/crm')).toMatchObject({ executionArn: execution.id });
    },
  );

  it.each([
    ['nobody holds the lock', undefined],
    ['another run holds it', { runId: 'r2', executionArn: 'arn:two', since: 'x' }],
  ])(
    'leaves it alone when %s, and closes it only when it had not begun and nobody was told',
    async (_name, lock) => {
      if (lock === undefined) bucket.objects.delete('locks/crm');
      else bucket.put('locks/crm', lock);

      tell(['Plan', {}]);
      expect(await look()).toMatchObject({ done: true, kind: 'close' });
      tell(['Stop services']);
      expect(await look()).toMatchObject({ done: true, kind: 'nothing' });
      events.pop();
      bucket.put(`runs/crm/${RUN_ID}/certificate.json`, {});
      expect(await look()).toMatchObject({ done: true, kind: 'nothing' });
      expect(bucket.read('locks/crm')).toEqual(lock);
    },
  );

  it('waits for a call of the plan that may still take the lock, and takes it over then', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    bucket.objects.delete('locks/crm');
    tell(['Plan: accept']);
    events.push(happened('LambdaFunctionScheduled'));

    expect(await look()).toMatchObject({ done: false, waitSeconds: 130, kind: 'close' });
    bucket.lock();
    vi.setSystemTime('2026-11-27T15:02:16.000Z');
    expect(await look()).toMatchObject({ done: true, kind: 'close' });
    expect(bucket.read('locks/crm')).toMatchObject({ executionArn: OWN.id, cleaning: execution.id });
  });

  it('leaves it to the execution that is cleaning up after it, and takes over when that one died', async () => {
    tell(['Stop services: wait']);
    bucket.lock('arn:clean-up:earlier', execution.id);
    sfn
      .on(DescribeExecutionCommand, { executionArn: 'arn:clean-up:earlier' })
      .resolves({ status: 'RUNNING' });
    expect(await look()).toMatchObject({
      done: true,
      kind: 'nothing',
      found: expect.stringContaining('earlier'),
    });

    sfn
      .on(DescribeExecutionCommand, { executionArn: 'arn:clean-up:earlier' })
      .resolves({ status: 'ABORTED' });
    expect(await look()).toMatchObject({ done: true, kind: 'roll-back' });
    expect(bucket.read('locks/crm')).toMatchObject({ executionArn: OWN.id, cleaning: execution.id });
  });

  it('takes the lock, so that no run begins meanwhile', async () => {
    tell(['Plan'], ['Announce: wait']);

    await look();

    expect(bucket.read('locks/crm')).toEqual({
      runId: RUN_ID,
      executionArn: OWN.id,
      cleaning: execution.id,
      since: execution.startTime,
    });
    // Called again, after a lost answer, it finds its own.
    await expect(look()).resolves.toMatchObject({ done: true });
  });

  it.each([
    ['Announce: wait', 'close'],
    ['Drain sessions: wait', 'roll-back'],
    ['Back up', 'roll-back'],
    ['Verify restore: wait', 'roll-back'],
    ['Roll back', 'roll-back'],
    ['Close the run', 'close'],
  ])('decides in "%s": %s', async (state, kind) => {
    tell(['Plan'], [state]);

    expect(await look()).toMatchObject({ kind, found: `ABORTED in "${state}"` });
  });

  it('waits until a function that was called has ended, and its commands with it', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    tell(['Stop services']);
    events.push(happened('LambdaFunctionScheduled'), happened('ExecutionAborted'));

    expect(await look()).toMatchObject({ done: false, waitSeconds: 135 + 90 - 5 });
    vi.setSystemTime('2026-11-27T15:03:46.000Z');
    expect(await look()).toMatchObject({ done: true });
  });

  it('waits until the announcement can mail nobody any more', async () => {
    vi.setSystemTime('2026-11-27T15:10:00.000Z');
    tell(['Announce']);
    events.push(happened('LambdaFunctionScheduled'));

    expect(await look()).toMatchObject({ done: false, waitSeconds: 315, kind: 'close' });
  });

  it('waits for no function that has answered', async () => {
    vi.setSystemTime('2026-11-27T15:00:05.000Z');
    tell(['Restore test instance']);
    events.push(happened('LambdaFunctionScheduled'), happened('LambdaFunctionSucceeded'));
    tell(['Restore test instance: wait']);

    expect(await look()).toMatchObject({ done: true });
  });

  it('waits past the point of no return until nothing is stopping any more, but not for ever', async () => {
    tell(['Switch off'], ['Stop database: wait']);
    database = 'stopping';
    const first = await look();
    expect(first).toMatchObject({ done: false, kind: 'close', waitSeconds: 30 });
    vi.setSystemTime('2026-11-27T15:56:00.000Z');
    expect(await look(first)).toMatchObject({ done: true });
  });

  it.each<[string, string, string, string]>([
    ['nothing was switched off', 'available', 'running', 'roll-back'],
    ['the database is off', 'stopped', 'running', 'close'],
    ['the servers are off', 'available', 'stopped', 'close'],
    ['the database is at fault', 'storage-full', 'running', 'close'],
  ])('finds past the point of no return that %s', async (_name, state, servers_, kind) => {
    tell(['Switch off'], ['Stop database']);
    database = state;
    servers = servers_;

    expect(await look()).toMatchObject({ done: true, kind });
  });

  it('rolls back with a server that was stopped before the run', async () => {
    const server = { instanceId: 'i-0', platform: 'linux' as const };
    tell([
      'Switch off',
      {
        ...base,
        plan: plan({
          servers: ['web-1', 'app-1'].map((name) => ({ ...server, name, state: 'stopped' })),
        }),
      },
    ]);
    servers = 'stopped';

    expect(await look()).toMatchObject({ done: true, kind: 'roll-back' });
  });

  it('refuses an execution that Step Functions has forgotten', async () => {
    sfn.on(DescribeExecutionCommand).rejects(awsError('ExecutionDoesNotExist'));

    await expect(look()).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('locks/<system>'),
    });
  });
});

describe('taking up the run', () => {
  const drain = { done: true, maintenance: 'on' };

  it('answers the state of the last step, with the failure that the run itself would have caught', async () => {
    tell(
      ['Plan', {}],
      ['Drain sessions'],
      ['Stop services: wait', { ...base, drain, services: { tier: 2 } }],
    );

    expect(await takeUp('roll-back')).toEqual({
      ...JSON.parse(JSON.stringify(base)),
      drain,
      services: { tier: 2 },
      failure: {
        Error: 'RunAborted',
        Cause:
          'the execution was stopped by hand (Night shift: the sales team called) in "Stop services: wait", and was cleaned up afterwards',
      },
      recovery: {
        kind: 'roll-back',
        execution: { id: execution.id, name: execution.name, startTime: base.run.startedAt },
        cleanedUp: { Error: 'RunAborted', Cause: expect.stringContaining('by hand'), by: OWN.id },
      },
    });
  });

  it('passes over the input of a part of a step, which is not the run’s state', async () => {
    tell(['Verify restore', { ...base, drain }], ['Verify restore: compare chunk', { chunk: 7 }]);

    expect(await takeUp('roll-back')).toMatchObject({ drain, run: { id: RUN_ID } });
  });

  it('keeps the run’s own failure, and begins the roll back anew', async () => {
    const failure = { Error: 'SnapshotFailed', Cause: 'x' };
    tell(
      ['Roll back', { ...base, failure }],
      ['Roll back: start services: wait', { ...base, failure, rollback: { services: { tier: 3 } } }],
    );

    const state = await takeUp('roll-back');

    expect(state.failure).toEqual(failure);
    expect(state).not.toHaveProperty('rollback');
  });

  it('closes a run as its closing found it', async () => {
    const rollback = { testInstance: { done: true }, services: { done: true }, maintenance: { done: true } };
    const failure = { Error: 'SnapshotFailed', Cause: 'x' };
    tell(
      ['Close the run', { ...base, failure, rollback }],
      ['Run not closed', { ...base, failure, rollback, closing: {} }],
    );

    expect(await takeUp('close')).toMatchObject({ failure, rollback });
  });

  it('has no failure of its own for a run whose closing alone went wrong', async () => {
    const off = { database: { done: true }, servers: { done: true } };
    tell(['Close the run', { ...base, off }]);

    const state = await takeUp('close');

    expect(state.off).toEqual(off);
    expect(state.failure).toBeUndefined();
  });

  it('says past the point of no return what is off and what is on, as RDS and EC2 say now', async () => {
    tell(
      ['Switch off', { ...base, drain }],
      ['Stop database: wait', { ...base, drain, off: { database: { state: 'stopping' } } }],
      ['Stop servers'],
    );
    database = 'stopped';

    const state = await takeUp('close');

    expect(state.failure).toBeUndefined();
    expect(state.off?.database).toMatchObject({ done: true, state: 'stopped' });
    expect(state.off?.servers).toMatchObject({
      Error: 'RunAborted',
      Cause: expect.stringContaining('web-1 is "running", app-1 is "running"'),
    });
  });

  it('finds that everything was switched off after all', async () => {
    tell(['Switch off', base], ['Stop servers: wait']);
    database = 'stopped';
    servers = 'stopped';

    expect(await takeUp('close')).toMatchObject({
      off: { database: { done: true }, servers: { done: true } },
    });
  });

  it('says of a run that was stopped before its plan was made only that', async () => {
    tell(['Plan', { reason: 'x' }]);

    const state = await takeUp('close');

    expect(state).toEqual({
      failure: { Error: 'RunAborted', Cause: expect.stringContaining('in "Plan"') },
      recovery: {
        kind: 'close',
        execution: { id: execution.id, name: execution.name, startTime: execution.startTime },
        cleanedUp: { Error: 'RunAborted', Cause: expect.stringContaining('in "Plan"'), by: OWN.id },
      },
    });
  });

  it.each([
    [
      '{"reason":"night","requestedBy":"Li","dryRun":true}',
      { reason: 'night', requestedBy: 'Li', dryRun: true },
    ],
    ['{"reason":"night","off":{"database":{"done":true}}}', {}],
  ])(
    'keeps what such a run was asked for, and nothing that its plan would have refused: %s',
    async (input, kept) => {
      sfn.on(DescribeExecutionCommand).resolves({ status: 'ABORTED', input });
      tell(['Plan', JSON.parse(input)]);

      const { failure: _failure, recovery: _recovery, ...state } = await takeUp('close');
      expect(state).toEqual(kept);
    },
  );

  it('goes back past the point of no return where nothing was switched off', async () => {
    tell(['Switch off', { ...base, drain }], ['Stop database']);

    const state = await takeUp('roll-back');

    expect(state).toMatchObject({ drain, failure: { Error: 'RunAborted' } });
    expect(state).not.toHaveProperty('off');
  });

  it('names a run that failed without closing, which nobody stopped', async () => {
    sfn
      .on(DescribeExecutionCommand)
      .resolves({ status: 'FAILED', error: 'States.Runtime', cause: 'too long' });
    tell(['Verify restore']);

    expect((await takeUp('roll-back')).failure).toEqual({
      Error: 'RunNotClosed',
      Cause:
        'the execution failed without closing the run (States.Runtime: too long) in "Verify restore", and was cleaned up afterwards',
    });
  });

  it('names a run that ran out of time', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'TIMED_OUT', name: execution.name });
    tell(['Announce: wait']);

    expect((await takeUp('close')).failure).toEqual({
      Error: 'RunTimedOut',
      Cause: 'the execution ran out of time in "Announce: wait", and was cleaned up afterwards',
    });
  });
});

describe('releasing the lock', () => {
  const release = () => handler({ action: 'release', execution: OWN, state: { executionArn: execution.id } });

  it('gives back what it took', async () => {
    bucket.put('locks/crm', { runId: RUN_ID, executionArn: OWN.id, cleaning: execution.id, since: 'x' });

    await release();
    await release();

    expect(bucket.objects.has('locks/crm')).toBe(false);
  });

  it('leaves another run’s lock alone', async () => {
    bucket.put('locks/crm', { runId: 'r2', executionArn: 'arn:two', since: 'x' });

    await release();

    expect(bucket.read('locks/crm')).toMatchObject({ runId: 'r2' });
  });
});

it('refuses an action that it does not know', async () => {
  await expect(
    handler({ action: 'undo', execution: OWN, state: { executionArn: 'x' } } as never),
  ).rejects.toMatchObject({ name: 'InvalidInput' });
});
