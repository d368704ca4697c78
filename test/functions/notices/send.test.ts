import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { paced, sendNotice } from '../../../functions/notices/send.ts';
import { allowNothing, awsError, simulateTime, system } from '../fixtures.ts';
import { FACTS } from './facts.ts';

const ses = mockClient(SESClient);
const config = system();
const one = { ...config, notices: { ...config.notices, users: config.notices.users.slice(0, 1) } };
let logged: string[];

allowNothing(ses);
beforeEach(() => {
  logged = [];
  vi.spyOn(console, 'warn').mockImplementation((line: object) => logged.push(JSON.stringify(line)));
});

const recipients = () =>
  ses.commandCalls(SendRawEmailCommand).map((call) => call.args[0].input.Destinations?.join());
const mailTo = async (address: string) => {
  const call = ses
    .commandCalls(SendRawEmailCommand)
    .find(({ args }) => args[0].input.Destinations?.includes(address) === true);
  return simpleParser(Buffer.from(call?.args[0].input.RawMessage?.Data ?? new Uint8Array()));
};
const refusing = (address: string, error: Error) =>
  ses.on(SendRawEmailCommand).callsFake((input: { Destinations: string[] }) => {
    if (input.Destinations.includes(address)) throw error;
    return { MessageId: '1' };
  });

describe('a notice', () => {
  it('goes to each person in a mail of their own, with headers, text and HTML', async () => {
    ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });

    const result = await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS });

    expect(result).toEqual({ sent: 3, refused: 0, served: 3 });
    expect(recipients()).toEqual(['all@example.com', 'desk@example.com', 'partners@example.com']);
    const mail = await mailTo('partners@example.com');
    expect(mail.to).toMatchObject({ text: 'partners@example.com' });
    expect(mail.cc).toBeUndefined();
    expect(mail.from?.text).toBe('"Lights Out" <crm-operations@example.com>');
    expect(mail.headers.get('x-lights-out-run')).toBe('20261127-1330-c02f2ce2');
    expect(mail.headers.get('x-lights-out-system')).toBe('crm');
    expect(mail.headers.get('x-lights-out-notice')).toBe('announcement');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.text).toContain('sign out');
    expect(mail.html).toContain('<html lang="en">');
  });

  it('is in the person’s language, else in all of the system’s', async () => {
    ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });

    await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS });

    expect((await mailTo('desk@example.com')).text).not.toContain('sign out');
    expect((await mailTo('partners@example.com')).text).not.toContain('退出登录');
    const both = await mailTo('all@example.com');
    expect(both.text).toContain('退出登录');
    expect(both.text).toContain('sign out');
    expect(both.subject).toContain('系统关闭通知');
  });

  it.each(['line\r\nBcc: victim@example.com', 'line\nX-Other: 1'])(
    'keeps a name with line breaks out of the headers: %j',
    async (displayName) => {
      ses.on(SendRawEmailCommand).resolves({ MessageId: '1' });

      await sendNotice(config, { kind: 'reminder', audience: 'users', facts: { ...FACTS, displayName } });

      const mail = await mailTo('all@example.com');
      expect(mail.bcc).toBeUndefined();
      expect(mail.headers.has('x-other')).toBe(false);
    },
  );
});

describe('a recipient whom SES refuses', () => {
  it('is counted and named by position, and the others are told', async () => {
    refusing(
      'desk@example.com',
      awsError('MessageRejected', 400, 'Address desk@example.com is not verified'),
    );

    const result = await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS });

    expect(result).toEqual({ sent: 2, refused: 1, served: 3 });
    expect(logged.join()).toContain('"recipient":"mail recipient 1"');
    expect(logged.join()).not.toContain('desk@example.com');
  });

  it('all of them: that is an answer, not an error', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));

    await expect(
      sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS }),
    ).resolves.toEqual({
      sent: 0,
      refused: 3,
      served: 3,
    });
  });

  it('for want of a permission: an error, since no one could be told', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('AccessDenied', 403));

    await expect(
      sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS }),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });
});

describe('SES throttling', () => {
  it('stops a sending that can go on later, at that person', async () => {
    refusing('desk@example.com', awsError('Throttling'));

    await expect(
      sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS }, { resumable: true }),
    ).resolves.toEqual({
      sent: 1,
      refused: 0,
      served: 1,
    });
    expect(recipients()).toEqual(['all@example.com', 'desk@example.com']);
  });

  it('is an error when nobody was told yet: the workflow tries again', async () => {
    ses.on(SendRawEmailCommand).rejects(awsError('Throttling'));

    await expect(
      sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS }, { resumable: true }),
    ).rejects.toMatchObject({ name: 'Throttling' });
  });

  it('is waited out in a sending that cannot go on later', async () => {
    const clock = simulateTime(0);
    ses
      .on(SendRawEmailCommand)
      .rejectsOnce(awsError('Throttling'))
      .rejectsOnce(awsError('ServiceUnavailable', 503))
      .resolves({ MessageId: '1' });

    await expect(sendNotice(one, { kind: 'shut-down', audience: 'users', facts: FACTS })).resolves.toEqual({
      sent: 1,
      refused: 0,
      served: 1,
    });
    expect(recipients()).toHaveLength(3);
    expect(clock.now).toBe(3_000);
  });

  it('is avoided by keeping to the rate', async () => {
    simulateTime(0);
    const times: number[] = [];
    ses.on(SendRawEmailCommand).callsFake(() => {
      times.push(Date.now());
      return { MessageId: '1' };
    });

    await sendNotice(config, { kind: 'announcement', audience: 'users', facts: FACTS }, { pace: paced(2) });

    expect(times).toEqual([0, 500, 1000]);
  });
});
