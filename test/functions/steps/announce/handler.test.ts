import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSendQuotaCommand, SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it } from 'vitest';
import { EvidenceKey } from '../../../../functions/contract/keys.ts';
import {
  type AnnounceEvent,
  type AnnounceProgress,
  handler as step,
} from '../../../../functions/steps/announce/handler.ts';
import {
  allowNothing,
  awsError,
  Bucket,
  execution,
  LOCK_LOST,
  plan,
  RUN_ID,
  runContext,
  simulateTime,
  system,
} from '../../fixtures.ts';

/** The step's action `announce`. */
const handler = (event: AnnounceEvent) => step(event) as Promise<AnnounceProgress>;

const ses = mockClient(SESClient);
const KEY = EvidenceKey.announcement('crm', RUN_ID);
let bucket: Bucket;
let clock: { now: number };

allowNothing(ses);
beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
  ses.on(GetSendQuotaCommand).resolves({ MaxSendRate: 14, Max24HourSend: 50_000 });
  ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });
  clock = simulateTime('2026-11-27T13:30:05.000Z');
});

const event = (
  changes: Partial<Extract<AnnounceEvent, { action: 'announce' }>['state']> = {},
): Extract<AnnounceEvent, { action: 'announce' }> => ({
  action: 'announce',
  execution,
  state: { run: runContext(), config: system(), plan: plan(), ...changes },
});

/** Calls the step as the workflow does until it is done; answers every mail as `minute:second kind`. */
async function untilDone(
  first: Extract<AnnounceEvent, { action: 'announce' }>,
): Promise<{ mails: string[]; last: AnnounceProgress; calls: number }> {
  const mails: string[] = [];
  ses.on(SendRawEmailCommand).callsFake(async (input: { RawMessage: { Data: Uint8Array } }) => {
    const mail = await simpleParser(Buffer.from(input.RawMessage.Data));
    mails.push(
      `${new Date(clock.now).toISOString().slice(14, 16)} ${mail.headers.get('x-lights-out-notice')}`,
    );
    return { MessageId: '1' };
  });
  let last = await handler(first);
  let calls = 1;
  for (; !last.done && calls < 100; calls += 1) {
    clock.now += last.waitSeconds * 1000;
    last = await handler({ ...first, state: { ...first.state, announcement: last } });
  }
  return { mails, last, calls };
}

describe('announcing', () => {
  it('tells everyone, reminds them, and is done when the time has come', async () => {
    const { mails, last, calls } = await untilDone(event());

    expect(mails).toEqual([...Array(3).fill('30 announcement'), ...Array(3).fill('50 reminder')]);
    expect(last).toMatchObject({ done: true, sent: 6, rounds: [30, 10] });
    expect(clock.now).toBeGreaterThanOrEqual(Date.parse('2026-11-27T14:00:00.000Z'));
    expect(clock.now).toBeLessThan(Date.parse('2026-11-27T14:00:02.000Z'));
    expect(calls).toBe(3);
  });

  it.each([
    ['refuses everybody', awsError('MessageRejected')],
    ['is down', awsError('ServiceUnavailable', 503)],
  ])('begins an emergency at once, also when SES %s', async (_case, error) => {
    ses.on(SendRawEmailCommand).rejects(error);
    const run = runContext({ at: '2026-11-27T13:30:00.000Z', emergency: true });

    expect(await handler(event({ run }))).toMatchObject({ done: true, rounds: [30, 10], sent: 0 });
    expect(ses.commandCalls(SendRawEmailCommand).length).toBeGreaterThan(1);
  });

  it('waits with the first notice until its time, for a run that is planned ahead', async () => {
    const first = await handler(event({ run: runContext({ at: '2026-11-27T15:00:00.000Z' }) }));

    expect(first).toMatchObject({ done: false, sent: 0, waitSeconds: 3595 });
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(0);
  });

  it.each([
    ['four times a day', '2026-12-05T15:00:00.000Z', 6 * 3600],
    // Half past one on Friday, and half past three on Sunday: two hours until two days are left.
    ['no later than two days before', '2026-11-29T15:30:05.000Z', 2 * 3600],
    ['once an hour in the last two days', '2026-11-29T13:30:05.000Z', 3600],
  ])('looks at least %s', async (_name, at, seconds) => {
    const first = await handler(event({ run: runContext({ at }) }));

    expect(first.waitSeconds).toBe(seconds);
  });

  it('tells a late start in one mail a person', async () => {
    const { mails } = await untilDone(event({ run: runContext({ at: '2026-11-27T13:35:00.000Z' }) }));

    expect(mails).toEqual(Array(3).fill('30 announcement'));
  });

  it('counts the notice from a late approval, so that users get it in full', async () => {
    clock.now = Date.parse('2026-11-27T14:20:00.000Z');
    const approval = { approvedBy: 'arn:x', approvedAt: '2026-11-27T14:19:58.000Z' };

    const first = await handler(event({ approval }));

    expect(first).toMatchObject({ at: '2026-11-27T14:50:00.000Z', done: false, sent: 3, waitSeconds: 1200 });
    const mail = ses.commandCalls(SendRawEmailCommand)[2]?.args[0].input.RawMessage?.Data ?? new Uint8Array();
    expect((await simpleParser(Buffer.from(mail))).text).toContain('22:50 (Asia/Shanghai');
  });
});

describe('called again', () => {
  it('after a lost answer, it mails nobody twice', async () => {
    await handler(event());
    await handler(event());

    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(3);
  });

  it('after SES throttled, it goes on with the person it stopped at', async () => {
    const users = Array.from({ length: 25 }, (_, index) => ({ address: `u${index}@example.com` }));
    const config = system({
      notices: { from: 'ops@example.com', users, operators: [{ address: 'o@example.com' }] },
    });
    const told: string[] = [];
    let throttled = true;
    ses.on(SendRawEmailCommand).callsFake((input: { Destinations: string[] }) => {
      if (throttled && told.length === 17) throw awsError('Throttling');
      told.push(input.Destinations.join());
      return { MessageId: '1' };
    });

    const first = await handler(event({ config }));
    expect(first).toMatchObject({ done: false, next: 17, sent: 17, rounds: [], waitSeconds: 1 });
    expect(bucket.read(KEY)).toMatchObject({ next: 17, sent: 17 });
    throttled = false;
    const second = await handler(event({ config }));

    expect(second).toMatchObject({ done: false, next: 0, sent: 25, rounds: [30] });
    expect(told).toEqual(users.map((user) => user.address));
  });

  it('keeps to the account’s rate, and leaves the rest to the next call after ten minutes', async () => {
    ses.on(GetSendQuotaCommand).resolves({ MaxSendRate: 1 });
    const users = Array.from({ length: 700 }, (_, index) => ({ address: `u${index}@example.com` }));
    const config = system({
      notices: { from: 'ops@example.com', users, operators: [{ address: 'o@example.com' }] },
    });
    const begun = clock.now;
    const sentAt: number[] = [];
    ses.on(SendRawEmailCommand).callsFake(() => {
      sentAt.push(clock.now);
      return { MessageId: '1' };
    });

    const first = await handler(event({ config }));

    expect(first.done).toBe(false);
    expect(first.next).toBeGreaterThanOrEqual(590);
    expect(first.next).toBe(sentAt.length);
    expect(clock.now - begun).toBeLessThan(640_000);
    // Across the notes that are made every ten mails too.
    const gaps = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
  });

  it('mails nobody while the bucket takes no note: everybody would be told again at each try', async () => {
    bucket.mock.on(PutObjectCommand, { Bucket: 'evidence', Key: KEY }).rejects(awsError('SlowDown', 503));

    await expect(handler(event())).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
  });

  it('notes its progress every few mails, in case a function is lost', async () => {
    const users = Array.from({ length: 25 }, (_, index) => ({ address: `u${index}@example.com` }));
    const config = system({
      notices: { from: 'ops@example.com', users, operators: [{ address: 'o@example.com' }] },
    });

    await handler(event({ config }));

    const notes = bucket.mock
      .commandCalls(PutObjectCommand)
      .map((call) => JSON.parse(String(call.args[0].input.Body)));
    expect(notes.map((note) => note.next)).toEqual([0, 10, 20, 0]);
  });
});

describe('SES refuses', () => {
  it('some: the others are told and the run goes on', async () => {
    ses.on(SendRawEmailCommand).rejectsOnce(awsError('MessageRejected')).resolves({ MessageId: '1' });

    await expect(handler(event())).resolves.toMatchObject({ sent: 2, rounds: [30] });
  });

  it('everybody: the run ends before anything is touched', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected', 400, 'not verified: all@example.com'));

    await expect(handler(event())).rejects.toMatchObject({
      name: 'AnnouncementFailed',
      message: expect.stringMatching(/all 3 recipients.*crm-operations@example.com.*Nothing was touched/),
    });
    expect(bucket.read(KEY)).toMatchObject({ sent: 0, rounds: [] });
  });

  it('everybody at a reminder: likewise', async () => {
    await handler(event());
    clock.now = Date.parse('2026-11-27T13:50:00.000Z');
    ses.on(SendRawEmailCommand).rejects(awsError('AccountSendingPausedException'));

    await expect(handler(event())).rejects.toMatchObject({ name: 'AnnouncementFailed' });
  });

  it('for now: the workflow tries again', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('Throttling'));

    await expect(handler(event())).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });
});

it.each(LOCK_LOST)('tells nobody when %s', async (_name, lose, name) => {
  lose(bucket);

  await expect(handler(event())).rejects.toMatchObject({ name });

  expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
});
