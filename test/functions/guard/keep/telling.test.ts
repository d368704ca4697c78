import { SendRawEmailCommand } from '@aws-sdk/client-ses';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler, type KeepEvent } from '../../../../functions/guard/keep/handler.ts';
import { awsError, standStill } from '../../fixtures.ts';
import { WatchWorld } from '../../watch-world.ts';
import { forced, keep } from './calls.ts';

let world: WatchWorld;

standStill(keep.startTime);
beforeEach(() => {
  world = new WatchWorld();
});

describe('telling', () => {
  const kept = {
    done: true,
    waitSeconds: 0,
    since: keep.startTime,
    outcome: 'stopped',
    foundOn: ['database crm-db'],
    states: { 'database crm-db': 'stopped' },
  };
  const tell = (changes: object, input: object = {}) =>
    handler({
      action: 'tell',
      execution: keep,
      state: { ...forced, ...input, kept: { ...kept, ...changes } },
    } as KeepEvent);

  it('tells the operators what was stopped again and why', async () => {
    expect(await tell({})).toEqual({ sent: 1 });

    const [mail] = await world.mails();
    expect(mail?.to).toBe('ops@example.com');
    expect(mail?.subject).toBe('Sunrise CRM: database crm-db was started and is stopped again');
    expect(mail?.text).toContain('RDS starts a stopped database by itself after seven days');
    expect(mail?.text).toContain('lights-out release --system crm');
  });

  it.each([
    ['switched off', 'stopped', ['server web-1'], 'Switched off: server web-1.'],
    ['found off', 'found-off', [], 'It was found off.'],
  ])(
    'tells them that a finished shutdown is off, and who asked: %s',
    async (_name, outcome, foundOn, words) => {
      expect(await tell({ outcome, foundOn }, { cause: 'finish', by: 'arn:li' })).toEqual({ sent: 1 });

      const [mail] = await world.mails();
      expect(mail?.subject).toBe('Sunrise CRM is completely off now');
      expect(mail?.text).toContain('as arn:li asked (lights-out finish)');
      expect(mail?.text).toContain(words);
    },
  );

  it('fails when SES refuses everybody: the alarm tells them by another way', async () => {
    world.ses.on(SendRawEmailCommand).rejects(awsError('MessageRejected'));

    await expect(tell({})).rejects.toMatchObject({ name: 'MessageRejected' });
  });

  it.each(['found-off', 'left'])('tells nobody when the outcome is %s', async (outcome) => {
    expect(await tell({ outcome })).toEqual({ sent: 0 });
    expect(await world.mails()).toEqual([]);
  });
});

it('refuses an action that it does not know', async () => {
  await expect(handler({ action: 'start', execution: keep, state: forced } as never)).rejects.toMatchObject({
    name: 'InvalidInput',
  });
});
