import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../../functions/contract/state.ts';
import { causeText, type OutcomeFacts, sendOutcomeNotices } from '../../../functions/notices/outcome.ts';
import { allowNothing, awsError, runContext, system } from '../fixtures.ts';

const ses = mockClient(SESClient);

allowNothing(ses);

const facts = (outcome: Outcome, changes: Partial<OutcomeFacts> = {}): OutcomeFacts => ({
  run: runContext(),
  config: system(),
  outcome,
  resources: [
    { name: 'database crm-db', state: 'stopped' },
    { name: 'server web-1', state: 'stopped' },
    { name: 'server app-1', state: 'running' },
  ],
  announced: false,
  touched: false,
  ...changes,
});

const mails = () =>
  Promise.all(
    ses
      .commandCalls(SendRawEmailCommand)
      .map((call) => simpleParser(Buffer.from(call.args[0].input.RawMessage?.Data ?? new Uint8Array()))),
  );

/** `kind → who`, a mail a line. */
const told = async () =>
  (await mails()).map((mail) => `${mail.headers.get('x-lights-out-notice')} → ${[mail.to].flat()[0]?.text}`);

const OPERATORS = 'ops@example.com';
const USERS = ['all@example.com', 'desk@example.com', 'partners@example.com'];
const toUsers = (kind: string) => USERS.map((user) => `${kind} → ${user}`);

describe('who is told how a run ended', () => {
  it.each<[string, OutcomeFacts, string[]]>([
    ['planned: nobody', facts('planned'), []],
    [
      'succeeded: operators',
      facts('succeeded', { announced: true, touched: true }),
      [`shut-down → ${OPERATORS}`],
    ],
    [
      'rolled back: operators, and users that it is up again',
      facts('rolled-back', { announced: true, touched: true }),
      [`rolled-back → ${OPERATORS}`, ...toUsers('called-off')],
    ],
    ['denied before users were told: operators', facts('denied'), [`not-begun → ${OPERATORS}`]],
    ['refused: operators', facts('refused'), [`not-begun → ${OPERATORS}`]],
    [
      'failed after users were told, before anything was touched: users too',
      facts('failed', { announced: true }),
      [`not-begun → ${OPERATORS}`, ...toUsers('called-off')],
    ],
    [
      'failed half-way: operators must act first',
      facts('failed', { announced: true, touched: true }),
      [`partly-off → ${OPERATORS}`],
    ],
    [
      'partly off: operators',
      facts('partly-off', { announced: true, touched: true }),
      [`partly-off → ${OPERATORS}`],
    ],
  ])('%s', async (_what, given, expected) => {
    ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });

    const { sent } = await sendOutcomeNotices(given);

    expect(await told()).toEqual(expected);
    expect(sent).toBe(expected.length);
  });
});

describe('what they are told', () => {
  beforeEach(() => {
    ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });
  });

  it('partly off: commands for exactly what is still on', async () => {
    await sendOutcomeNotices(
      facts('partly-off', { failure: { Error: 'ServerDidNotStop', Cause: 'app-1 runs' } }),
    );

    const text = (await mails())[0]?.text ?? '';
    expect(text).toContain('i-0b1c2d3e4f5061728');
    expect(text).not.toContain('i-0a1b2c3d4e5f60718');
    expect(text).not.toContain('stop-db-instance');
    expect(text).toContain('server app-1: running');
  });

  it.each([
    [
      'a roll back that is not complete: it brings back',
      'ServiceDidNotStart',
      /let users in.*lights-out finish --system crm/,
    ],
    ['a run that lost its lock: the system is somebody else’s', 'LockLost', /^(?!.*lights-out finish)/],
  ])('the command that finishes %s', async (_case, error, words) => {
    await sendOutcomeNotices(facts('failed', { touched: true, failure: { Error: error, Cause: 'x' } }));

    const [mail] = await mails();
    expect(mail?.text?.replaceAll('\n', ' ')).toMatch(words);
  });

  it('the cause in words, out of Lambda’s JSON', async () => {
    const Cause = JSON.stringify({
      errorType: 'SnapshotFailed',
      errorMessage: 'snapshot x failed',
      trace: [],
    });

    await sendOutcomeNotices(
      facts('rolled-back', { touched: true, failure: { Error: 'SnapshotFailed', Cause } }),
    );

    const text = (await mails())[0]?.text ?? '';
    expect(text).toContain('SnapshotFailed. snapshot x failed');
    expect(text).not.toContain('errorMessage');
  });

  it('what else failed on the way back', async () => {
    await sendOutcomeNotices(
      facts('failed', { touched: true, problems: ['maintenance mode may still be on'] }),
    );

    expect((await mails())[0]?.text).toContain('maintenance mode may still be on');
  });
});

describe('a mail that cannot be sent', () => {
  it('is not counted, and never fails the run', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));

    await expect(
      sendOutcomeNotices(facts('rolled-back', { announced: true, touched: true })),
    ).resolves.toEqual({ sent: 0 });
  });

  it('does not keep the others from being told', async () => {
    ses.on(SendRawEmailCommand).callsFake((input: { Destinations: string[] }) => {
      if (input.Destinations.includes(OPERATORS)) throw awsError('MessageRejected');
      return { MessageId: '1' };
    });

    await expect(
      sendOutcomeNotices(facts('rolled-back', { announced: true, touched: true })),
    ).resolves.toEqual({ sent: 3 });
  });
});

describe('a cause in words', () => {
  it.each([
    ['plain words', 'plain words'],
    ['{"errorType":"X","errorMessage":"the message"}', 'the message'],
    ['{"other":1}', '{"other":1}'],
    ['null', 'null'],
    ['', ''],
  ])('%j', (cause, expected) => {
    expect(causeText(cause)).toBe(expected);
  });
});
