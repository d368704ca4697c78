import { GetSendQuotaCommand, SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type AnnounceEvent,
  type AnnounceProgress,
  handler as step,
} from '../../../../functions/steps/announce/handler.ts';
import { allowNothing, Bucket, execution, plan, runContext, simulateTime, system } from '../../fixtures.ts';

/** The step's action `announce`. */
const handler = (event: AnnounceEvent) => step(event) as Promise<AnnounceProgress>;

const ses = mockClient(SESClient);
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

/** A hold of that time, as the API writes it. */
const holdOver = (from: string, until: string, more: object = {}): void => {
  const by = { kind: 'user', id: 'arn:aws:iam::123456789012:user/anna', name: 'anna' };
  bucket.put('holds/crm.json', {
    holds: [{ id: 'h-1', from, until, reason: 'Fair', by, at: from, ...more }],
  });
};
const ALL_DAY = ['2026-11-27T00:00:00.000Z', '2026-11-28T00:00:00.000Z'] as const;

describe('a hold', () => {
  it.each<[string, () => void, object, 'goes on' | 'Held']>([
    ['that covers the announced time', () => holdOver(...ALL_DAY), {}, 'Held'],
    [
      'that is over before',
      () => holdOver('2026-11-27T13:00:00.000Z', '2026-11-27T14:00:00.000Z'),
      {},
      'goes on',
    ],
    [
      'that begins at that moment',
      () => holdOver('2026-11-27T14:00:00.000Z', '2026-11-27T14:30:00.000Z'),
      {},
      'Held',
    ],
    [
      'that begins after',
      () => holdOver('2026-11-27T14:00:01.000Z', '2026-11-27T20:00:00.000Z'),
      {},
      'goes on',
    ],
    ['that was ended', () => holdOver(...ALL_DAY, { ended: { at: 'x', by: 'y' } }), {}, 'goes on'],
    ['against a run that is forced', () => holdOver(...ALL_DAY), { force: true }, 'goes on'],
    ['in an emergency', () => holdOver(...ALL_DAY), { emergency: true }, 'goes on'],
  ])('%s, before the first notice: the run %s', async (_name, place, run, expected) => {
    place();
    const call = handler(event({ run: runContext(run) }));

    if (expected === 'Held') {
      await expect(call).rejects.toMatchObject({
        name: 'Held',
        message: expect.stringMatching(/^anna holds crm until .* \(Fair\).*--end h-1/),
      });
      expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
    } else await expect(call).resolves.toMatchObject({ sent: 3 });
  });

  it.each([
    ['between the notices', 10, ['30 announcement']],
    ['at the announced time itself', 30, ['30 announcement', '50 reminder']],
  ])('placed %s calls the run off', async (_name, minutes, told) => {
    const mails = new Set<string>();
    let last: AnnounceProgress | undefined;
    const begin = clock.now;
    const run = async (): Promise<void> => {
      ses.on(SendRawEmailCommand).callsFake(async (input: { RawMessage: { Data: Uint8Array } }) => {
        const mail = await simpleParser(Buffer.from(input.RawMessage.Data));
        const minute = new Date(clock.now).toISOString().slice(14, 16);
        mails.add(`${minute} ${mail.headers.get('x-lights-out-notice')}`);
        return { MessageId: '1' };
      });
      do {
        last = await handler(event(last === undefined ? {} : { announcement: last }));
        clock.now += last.waitSeconds * 1000;
        if (clock.now >= begin + (minutes - 1) * 60_000) holdOver(...ALL_DAY);
      } while (!last.done);
    };

    await expect(run()).rejects.toMatchObject({ name: 'Held' });
    expect([...mails]).toEqual(told);
  });

  it('is seen within the hour by a run that is a day ahead', async () => {
    const run = runContext({ at: '2026-11-29T13:00:00.000Z' });
    const first = await handler(event({ run }));
    holdOver('2026-11-29T00:00:00.000Z', '2026-11-30T00:00:00.000Z');
    clock.now += first.waitSeconds * 1000;

    expect(first.waitSeconds).toBe(3600);
    await expect(handler(event({ run, announcement: first }))).rejects.toMatchObject({ name: 'Held' });
  });
});
