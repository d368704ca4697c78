import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EvidenceKey } from '../../../../functions/contract/keys.ts';
import { principalOf } from '../../../../functions/guard/principals.ts';
import { type AskEvent, handler } from '../../../../functions/steps/approve/handler.ts';
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

const ses = mockClient(SESClient);
const KEY = EvidenceKey.approval('crm', RUN_ID);
let bucket: Bucket;
let logged: string;

allowNothing(ses);
beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
  ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });
  simulateTime('2026-11-27T13:30:05.000Z');
  logged = '';
  for (const level of ['info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line: object) => {
      logged += JSON.stringify(line);
    });
});

const config = system({
  approval: {
    approvers: [{ address: 'head@example.com', language: 'en' }],
    principals: ['arn:aws:iam::123456789012:role/Head'],
    timeoutMinutes: 45,
  },
});
const event = (changes: Partial<AskEvent> = {}): AskEvent => ({
  action: 'request',
  execution,
  token: 'token-1',
  state: {
    run: runContext({ requester: principalOf('arn:aws:iam::123456789012:user/li') }),
    config,
    plan: plan({
      warnings: ['users get 5 minutes of notice'],
      pendingUpdates: [{ resource: 'server web-1', kind: 'patches', description: '3 missing' }],
    }),
  },
  ...changes,
});

describe('asking for an approval', () => {
  it('keeps the token where the API finds it', async () => {
    await expect(handler(event())).resolves.toEqual({ asked: 1 });

    expect(bucket.read(KEY)).toEqual({
      token: 'token-1',
      runId: RUN_ID,
      executionArn: execution.id,
      requester: principalOf('arn:aws:iam::123456789012:user/li'),
      expiresAt: '2026-11-27T14:15:05.000Z',
    });
  });

  it('tells the approvers what, when, how long, what to mind and how to answer, and never the token', async () => {
    await handler(event());

    const data = ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input.RawMessage?.Data;
    const { text = '' } = await simpleParser(Buffer.from(data ?? new Uint8Array()));
    for (const part of [
      'Sunrise CRM',
      'lights-out approve night-1 or lights-out deny night-1',
      'Friday, 2026-11-27 22:00 (Asia/Shanghai, GMT+8)',
      'Answer by: Friday, 2026-11-27 22:15',
      'about 45 min',
      '5 minutes of notice',
      'server web-1: 3 missing (patches)',
      'user/li',
    ])
      expect(text).toContain(part);
    expect(text + logged).not.toContain('token-1');
  });

  it('called again with a newer token, keeps the newer one', async () => {
    await handler(event());
    await handler(event({ token: 'token-2' }));

    expect(bucket.read(KEY)).toMatchObject({ token: 'token-2' });
  });

  it('fails when nobody could be asked, rather than wait for an answer that cannot come', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));

    await expect(handler(event())).rejects.toMatchObject({
      name: 'AnnouncementFailed',
      message: expect.stringContaining('Nothing was touched'),
    });
  });

  it('fails in a system without approval', async () => {
    const { state } = event();

    await expect(handler(event({ state: { ...state, config: system() } }))).rejects.toMatchObject({
      name: 'InvalidConfiguration',
    });
    expect(bucket.read(KEY)).toBeUndefined();
  });
});

it.each(LOCK_LOST)('asks nobody when %s', async (_name, lose, name) => {
  lose(bucket);

  await expect(handler(event())).rejects.toMatchObject({ name });

  expect(ses.commandCalls(SendRawEmailCommand)).toEqual([]);
  expect(bucket.read(KEY)).toBeUndefined();
});
