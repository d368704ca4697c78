import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReachedStartup } from '../../../../functions/contract/startup-state.ts';
import { startupOutcome } from '../../../../functions/report/startup/outcome.ts';
import { ANOTHER_EXECUTION, awsError, standStill } from '../../fixtures.ts';
import { SHUTDOWN, SHUTDOWN_FOLDER, startupRun } from '../../startup-world.ts';
import { ClosingWorld, FOLDER, failure, ID, OPENED, OPS, reached, succeeded, USERS } from './closing.ts';

vi.mock('../../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

let world: ClosingWorld;
const PROMISED = '2026-11-27T13:50:00.000Z';
const promised = { run: startupRun({ backAt: PROMISED }) };
const alreadyOn = { seenAt: '2026-11-27T13:30:00.000Z' };
const dry = { run: startupRun({ dryRun: true }) };
const refused = { failure: { Error: 'RunInProgress', Cause: 'run r1 holds the lock' } };
const put = (name: string) =>
  world.bucket.mock.on(PutObjectCommand, { Bucket: 'evidence', Key: `${FOLDER}/${name}` });
const lock = (name: string) => world.bucket.mock.on(PutObjectCommand, { Bucket: 'evidence', Key: name });

standStill('2026-11-27T14:01:00.000Z');
beforeEach(() => {
  world = new ClosingWorld();
});

describe('the outcome, from the state alone', () => {
  it.each<[string, ReachedStartup]>([
    ['succeeded', succeeded()],
    ['already-on', reached({ alreadyOn })],
    ['planned', reached(dry)],
    ['already-on', reached({ ...dry, alreadyOn })],
    ['refused', refused],
    ['partly-on', reached({ failure })],
    ['partly-on', succeeded({ failure })],
    ['failed', { failure: { Error: 'PlanRejected', Cause: '' } }],
    ['failed', reached()],
    ['failed', {}],
  ])('%s', (outcome, state) => {
    expect(startupOutcome(state)).toBe(outcome);
  });
});

it('ends the execution by what ended the run, without Lambda’s trace, however long that is', async () => {
  const trace = Array.from(
    { length: 60 },
    (_, index) => `    at step (file:///var/task/index.mjs:${index}:1)`,
  );
  const errorMessage = 'the database crm-db does not answer';
  const cause = JSON.stringify({ errorType: 'DatabaseUnreachable', errorMessage, trace });

  expect(
    await world.close(reached({ failure: { Error: 'DatabaseUnreachable', Cause: cause } })),
  ).toMatchObject({ error: { Error: 'DatabaseUnreachable', Cause: errorMessage } });
});

describe('a start-up that has let users in', () => {
  it('has its certificate, its mark and its page, tells users and operators, and gives the lock back', async () => {
    world.bucket.put(`${FOLDER}/confirmation.json`, {
      outcome: 'equal',
      equal: true,
      tables: 4,
      rows: 900,
      key: `${FOLDER}/confirmation.json`,
      shutdown: SHUTDOWN,
      endedAt: PROMISED,
      comparison: { differences: [] },
    });

    expect(await world.close(succeeded(promised))).toEqual({
      outcome: 'succeeded',
      certificateKey: `${FOLDER}/certificate.json`,
      reportKey: `${FOLDER}/report.html`,
      mailsSent: 4,
    });
    expect(world.certificate).toMatchObject({
      action: 'startup',
      outcome: 'succeeded',
      promise: PROMISED,
      openedAt: OPENED,
      lateSeconds: 600,
      awaySeconds: 48 * 3600,
      shutdown: { run: SHUTDOWN, verified: true, certificate: `runs/crm/${SHUTDOWN}/certificate.json` },
      confirmation: { outcome: 'equal', tables: 4, rows: 900 },
      resources: [
        { name: 'database crm-db', state: 'available' },
        { name: 'server web-1', state: 'running' },
        { name: 'server app-1', state: 'running' },
        { name: 'maintenance mode', state: 'off' },
      ],
      problems: [],
    });
    expect(world.certificate).not.toHaveProperty('confirmation.comparison');
    expect(world.bucket.read('intent/crm')).toMatchObject({ wanted: 'on', openedAt: OPENED });
    expect(await world.mailed()).toEqual([...USERS, OPS]);
    expect(world.isLocked).toBe(false);
    expect(world.page).toContain('<!doctype html>');
  });

  it('is closed twice without harm: nobody is told twice', async () => {
    const first = await world.close(succeeded());

    expect(await world.close(succeeded())).toEqual(first);
    expect(await world.mailed()).toEqual([...USERS, OPS]);
  });

  it('does not mark a system as open that another shutdown has put away since', async () => {
    world.bucket.put('intent/crm', { wanted: 'off', since: 'x', by: 'run 2', stoppedAgain: 0 });

    await world.close(succeeded());
    expect(world.bucket.read('intent/crm')).not.toHaveProperty('openedAt');
  });
});

describe('who is told of a start-up that did not', () => {
  it.each<[string, ReachedStartup, string[]]>([
    ['partly on, without a promise', reached({ failure }), [OPS]],
    ['partly on, with a promise', reached({ ...promised, failure }), [OPS, ...USERS]],
    [
      'partly on, and the notice on the way failed',
      reached({ ...promised, failure, late: { Error: 'ChannelUnavailable', Cause: '' } as never }),
      [OPS, ...USERS],
    ],
    ['refused', refused, [OPS]],
    ['rejected by its plan', { failure: { Error: 'PlanRejected', Cause: 'gone' } }, [OPS]],
    ['on already', reached({ alreadyOn }), [OPS]],
    ['only planned', reached(dry), []],
    ['a dry run that found reasons', { dryRun: true, failure: { Error: 'PlanRejected', Cause: '' } }, []],
  ])('is told once: %s', async (_case, state, people) => {
    await world.close(state);
    await world.close(state);

    expect(await world.mailed()).toEqual(people);
  });

  it('tells users once that it is late, whether on the way, by the closing or by an earlier start-up', async () => {
    world.bucket.put(`${SHUTDOWN_FOLDER}/late.json`, { at: '2026-11-27T23:50:00.000Z', sent: 3 });

    await world.close(reached({ ...promised, failure }));
    expect(await world.mailed()).toEqual([OPS]);
  });

  it('is not open: no mark, maintenance mode is named as on, and what to do', async () => {
    await world.close(reached({ failure }));

    expect(world.bucket.read('intent/crm')).not.toHaveProperty('openedAt');
    expect(world.certificate).toMatchObject({ outcome: 'partly-on', failure });
    expect(world.certificate).not.toHaveProperty('openedAt');
    expect(world.certificate).toMatchObject({
      resources: expect.arrayContaining([expect.objectContaining({ name: 'maintenance mode', state: 'on' })]),
    });
    const [mail] = await world.mails();
    expect(mail?.text).toContain('lights-out startup --system crm');
    expect(world.isLocked).toBe(false);
  });

  it('says nothing of maintenance mode where the system was on already: nobody looked', async () => {
    await world.close(reached({ alreadyOn }));

    expect(world.certificate).toMatchObject({ outcome: 'already-on' });
    expect(JSON.stringify(world.certificate)).not.toContain('maintenance mode');
  });

  it.each([['the database', () => world.rds.on(DescribeDBInstancesCommand), 'DatabaseDidNotStart']])(
    'is partly on when %s fell down after the doors had opened',
    async (_case, mock, error) => {
      mock().resolves({
        DBInstances: [{ DBInstanceIdentifier: 'crm-db', DBInstanceStatus: 'failed' }],
      } as never);

      await world.close(succeeded());
      expect(world.certificate).toMatchObject({ outcome: 'partly-on', failure: { Error: error } });
      expect(await world.mailed()).toEqual([OPS]);
      const [mail] = await world.mails();
      expect(mail?.subject).toContain('is open, but not completely on');
      expect(world.bucket.read('intent/crm')).not.toHaveProperty('openedAt');
    },
  );

  it('leaves another run’s lock', async () => {
    world.bucket.lock(ANOTHER_EXECUTION);

    await world.close(refused);
    expect(world.isLocked).toBe(true);
  });
});

describe('a part of the closing that fails', () => {
  it('is on record, and holds up no other: no look, no history, no mail', async () => {
    world.rds.on(DescribeDBInstancesCommand).rejects(awsError('AccessDenied', 403));
    world.ec2.on(DescribeInstancesCommand).rejects(awsError('AccessDenied', 403));
    world.sfn.on(GetExecutionHistoryCommand).rejects(awsError('AccessDenied', 403));
    world.ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));

    expect(await world.close(succeeded())).toMatchObject({ outcome: 'succeeded', mailsSent: 0 });
    expect(world.certificate).toMatchObject({ problems: [expect.stringContaining('the history')] });
    expect(world.isLocked).toBe(false);
  });

  it.each<[string, () => void]>([
    ['the certificate', () => put('certificate.json').rejects(awsError('InternalError', 500))],
    ['the mark', () => lock('intent/crm').rejects(awsError('InternalError', 500))],
  ])('keeps the lock when it is %s, so that a clean-up closes it again', async (_case, fail) => {
    fail();

    await expect(world.close(succeeded())).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
    expect(world.isLocked).toBe(true);
  });

  it('is tried again later: the second closing tells who was not told, and gives the lock back', async () => {
    world.ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));
    put('certificate.json').rejects(awsError('InternalError', 500));
    await expect(world.close(succeeded())).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    world.ses.on(SendRawEmailCommand).resolves({ MessageId: 'm' });
    put('certificate.json').callsFake(({ Key, Body }) => ({ ETag: world.bucket.put(Key, String(Body)) }));
    expect(await world.close(succeeded())).toMatchObject({ mailsSent: 4 });
    expect(world.isLocked).toBe(false);
  });

  it('gives the lock of a start-up back that never began, whatever fails', async () => {
    put('certificate.json').rejects(awsError('InternalError', 500));

    await expect(world.close({ failure: { Error: 'PlanRejected', Cause: '' } })).rejects.toMatchObject({
      name: 'AwsTemporarilyUnavailable',
    });
    expect(world.isLocked).toBe(false);
  });
});

describe('CleanUp', () => {
  it('closes a start-up that ended without closing, in its name and on record', async () => {
    const cleanedUp = { by: 'arn:clean-up', at: OPENED };
    const state = reached({ failure: { Error: 'RunAborted', Cause: 'somebody stopped it' } });

    expect(await world.close({ ...state, recovery: { cleanedUp } }, 'close-for')).toMatchObject({
      outcome: 'partly-on',
    });
    expect(world.certificate).toMatchObject({ action: 'startup', run: { id: ID }, cleanedUp });
    expect(await world.mailed()).toEqual([OPS]);
  });

  it('is believed only when it is CleanUp that asks', async () => {
    await world.close({ ...reached({ failure }), recovery: { cleanedUp: { by: 'arn:mallory' } } });

    expect(world.certificate).not.toHaveProperty('cleanedUp');
  });

  it('does not believe a state of another run: an input may claim anything', async () => {
    const state = succeeded();
    await world.close({ ...state, run: { ...state.run, id: 'another' } });

    expect(world.certificate).toMatchObject({ outcome: 'failed', run: { id: ID, action: 'startup' } });
    expect(world.bucket.read('intent/crm')).not.toHaveProperty('openedAt');
  });
});
