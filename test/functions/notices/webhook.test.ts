import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sendNotice } from '../../../functions/notices/send.ts';
import { allowNothing, awsError, simulateTime, system, systemInput } from '../fixtures.ts';
import { FACTS } from './facts.ts';

const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const URL_OF_ROOM = 'https://hooks.example.com/rooms/42?key=hidden-key';
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:crm-room-a1b2c3';

const ses = mockClient(SESClient);
const secretsManager = mockClient(SecretsManagerClient);
const { notices } = systemInput();
const config = system({
  notices: {
    ...notices,
    webhooks: [{ name: 'crm-room', secretArn: ARN, audiences: ['users', 'operators'] }],
  },
});
const roomOnly = { ...config, notices: { ...config.notices, users: [] } };
let logged: string[];
let requests: { url: string; init: RequestInit & { headers: Record<string, string>; body: string } }[];

allowNothing(ses, secretsManager);
beforeEach(() => {
  logged = [];
  requests = [];
  vi.spyOn(console, 'warn').mockImplementation((line: object) => logged.push(JSON.stringify(line)));
  ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });
  stored({ url: URL_OF_ROOM, signingSecret: SIGNING_SECRET });
  answering(204);
});
afterEach(() => vi.unstubAllGlobals());

function stored(secret: unknown): void {
  const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  secretsManager.on(GetSecretValueCommand, { SecretId: ARN }).resolves({ SecretString: text });
}

/** Each request is answered by the next of these; the last answers all others. */
function answering(
  ...answers: (number | Error | { status: number; headers: Record<string, string> })[]
): void {
  let next = 0;
  vi.stubGlobal('fetch', async (url: URL, init: (typeof requests)[number]['init']) => {
    requests.push({ url: url.href, init });
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    if (answer instanceof Error) throw answer;
    const { status, headers } = typeof answer === 'object' ? answer : { status: answer ?? 204, headers: {} };
    return new Response(null, { status, headers });
  });
}

const announce = (options = {}) =>
  sendNotice(roomOnly, { kind: 'announcement', audience: 'users', facts: FACTS, occurrence: '30' }, options);
const bodyOf = (index = 0) => JSON.parse(requests[index]?.init.body ?? '');

describe('a message to a webhook', () => {
  it('is one for the whole audience, beside a mail to each person', async () => {
    const told = await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS });

    expect(told).toEqual({ sent: 4, refused: 0, served: 4 });
    expect(requests).toHaveLength(1);
    expect(ses.commandCalls(SendRawEmailCommand)).toHaveLength(3);
  });

  it('is accepted by somebody else’s verifier, and by no other key', async () => {
    await announce();

    const [request] = requests;
    const { body, headers } = request?.init ?? { body: '', headers: {} as Record<string, string> };
    vi.setSystemTime(Number(headers['webhook-timestamp']) * 1000);
    expect(new Verifier(SIGNING_SECRET).verify(body, headers)).toEqual(bodyOf());
    expect(() => new Verifier(OLD_SECRET).verify(body, headers)).toThrow('No matching signature');
    expect(() => new Verifier(SIGNING_SECRET).verify(`${body} `, headers)).toThrow('No matching signature');
  });

  it('is signed by both keys while one takes the other’s place', async () => {
    stored({ url: URL_OF_ROOM, signingSecret: SIGNING_SECRET, previousSigningSecret: OLD_SECRET });

    await announce();

    const { body, headers } = requests[0]?.init ?? { body: '', headers: {} as Record<string, string> };
    vi.setSystemTime(Number(headers['webhook-timestamp']) * 1000);
    for (const secret of [SIGNING_SECRET, OLD_SECRET])
      expect(new Verifier(secret).verify(body, headers)).toEqual(bodyOf());
  });

  it('holds the event, its times for people and machines, and the text in each language', async () => {
    await announce();

    expect(requests[0]).toMatchObject({
      url: URL_OF_ROOM,
      init: { method: 'POST', redirect: 'manual', signal: expect.any(AbortSignal) },
    });
    expect(bodyOf()).toMatchObject({
      type: 'lights_out.announcement',
      data: {
        event: 'announcement',
        audience: 'users',
        system: 'crm',
        displayName: 'Sunrise CRM',
        run: FACTS.runId,
        times: { at: { iso: '2026-11-27T14:00:00.000Z', local: expect.stringContaining('22:00') } },
        texts: [
          { language: 'zh-CN', title: expect.stringContaining('即将关闭') },
          { language: 'en', title: 'Sunrise CRM will be shut down' },
        ],
      },
    });
    expect(bodyOf().data.texts[1].fields).toContainEqual({ label: 'Run', value: FACTS.runId });
  });

  it('keeps its id however often it is tried, and another notice has another', async () => {
    answering(500, new TypeError('fetch failed'), 204);
    simulateTime(0);

    await announce();
    await sendNotice(roomOnly, { kind: 'announcement', audience: 'users', facts: FACTS, occurrence: '10' });

    const ids = requests.map(({ init }) => init.headers['webhook-id']);
    expect(ids).toHaveLength(4);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    expect(ids[0]).toMatch(/^msg_[0-9a-f]{32}$/);
  });

  it('is short, however large the system is', async () => {
    const resources = Array.from({ length: 2500 }, (_, index) => ({
      name: `service ${index}`,
      state: 'active',
    }));

    await sendNotice(roomOnly, {
      kind: 'partly-off',
      audience: 'operators',
      facts: { ...FACTS, resources, cause: 'x'.repeat(50_000) },
    });

    expect(Buffer.byteLength(requests[0]?.init.body ?? '')).toBeLessThan(20_000);
    expect(bodyOf().data.texts[1].fields.at(-1).label).toBe('More');
  });
});

describe('a webhook that cannot take a message', () => {
  it.each([429, 500, 503, new TypeError('fetch failed')])('just now (%s) is tried again', async (answer) => {
    simulateTime(0);
    answering(answer, 204);

    await expect(announce()).resolves.toMatchObject({ sent: 1 });
  });

  it('is waited for as long as it asks, within what a call may take', async () => {
    const clock = simulateTime(0);
    answering(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': '3600' } },
      204,
    );

    await announce();

    expect(clock.now).toBe(17_000);
  });

  it.each([302, 400, 401, 404, 410])(
    'at all (HTTP %d) is not tried again, and the mails go out',
    async (status) => {
      answering(status);

      const told = await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS });

      expect(told).toEqual({ sent: 3, refused: 1, served: 4 });
      expect(requests).toHaveLength(1);
      expect(logged.join()).toContain(`webhook crm-room answered HTTP ${status}`);
    },
  );

  it('is told when SES is down, which does not keep it from telling', async () => {
    simulateTime(0);
    ses.on(SendRawEmailCommand).rejects(awsError('ServiceUnavailable', 503));

    const told = await sendNotice(config, { kind: 'shut-down', audience: 'operators', facts: FACTS });

    expect(told).toMatchObject({ sent: 1, refused: 1 });
  });

  it('is an error when nobody else could be told: busy is tried again, a refusal where it is required', async () => {
    simulateTime(0);
    answering(503);
    await expect(announce()).rejects.toMatchObject({ name: 'ChannelUnavailable' });
    answering(404);
    await expect(announce()).resolves.toMatchObject({ sent: 0, refused: 1 });
    await expect(announce({ required: true })).rejects.toMatchObject({ name: 'ChannelRefused' });
  });

  it('never has its address or key in a log or an error', async () => {
    simulateTime(0);
    answering(
      new TypeError('fetch failed', {
        cause: Object.assign(new Error(URL_OF_ROOM), { code: 'ECONNREFUSED' }),
      }),
    );

    const error = await announce().catch((thrown: unknown) => thrown as Error);

    const words = `${logged.join()} ${error instanceof Error ? error.message : ''}`;
    expect(words).toContain('ECONNREFUSED');
    for (const secret of ['hooks.example.com', 'hidden-key', SIGNING_SECRET])
      expect(words).not.toContain(secret);
  });
});

describe('the secret of a webhook', () => {
  it.each([
    ['http', { url: 'http://hooks.example.com/', signingSecret: SIGNING_SECRET }, 'begins with http://'],
    [
      'the metadata service',
      { url: 'https://169.254.169.254/latest', signingSecret: SIGNING_SECRET },
      'no host name',
    ],
    [
      'an address in hexadecimal',
      { url: 'https://0xa9fea9fe/', signingSecret: SIGNING_SECRET },
      'no host name',
    ],
    ['an IPv6 address', { url: 'https://[fd00:ec2::254]/', signingSecret: SIGNING_SECRET }, 'no host name'],
    ['this machine', { url: 'https://localhost:9001/', signingSecret: SIGNING_SECRET }, 'no host name'],
    [
      'a password',
      { url: 'https://a:b@hooks.example.com/', signingSecret: SIGNING_SECRET },
      'user or password',
    ],
    ['no address', { url: 'hooks', signingSecret: SIGNING_SECRET }, 'is no address'],
    ['no key', { url: URL_OF_ROOM }, 'signingSecret is not as expected'],
    ['a short key', { url: URL_OF_ROOM, signingSecret: 'whsec_c2hvcnQ=' }, '5 bytes, expected 24 to 64'],
    ['no JSON', 'hidden-key', 'not JSON'],
  ])('that holds %s is refused in words without its content', async (_what, secret, expected) => {
    stored(secret);

    const error = await announce({ required: true }).catch((thrown: unknown) => thrown as Error);

    expect(error).toMatchObject({ name: 'ChannelRefused', message: expect.stringContaining(expected) });
    expect(String(error)).not.toMatch(/hooks\.example|hidden-key|169\.254|whsec_c2/);
    expect(requests).toEqual([]);
  });
});
