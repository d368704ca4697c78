import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { chinaSystem, room } from '../support/china-system.ts';
import { type Rehearsed, rehearseScenario } from '../support/rehearsals.ts';

interface Delivered {
  event: string;
  channel: string;
  language: string;
  recipient: string;
  outcome: string;
  answer?: string;
}

/** `notices.jsonl`, a line a delivery. */
function deliveries({ out }: Rehearsed): Delivered[] {
  return readFileSync(join(out, 'notices.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Delivered);
}

const lines = (rehearsed: Rehearsed): string[] =>
  deliveries(rehearsed).map(
    ({ event, channel, recipient, outcome }) => `${event} to ${recipient} by ${channel}: ${outcome}`,
  );

/** The example where SES is, with one room beside its mails. */
function besideMail(): SystemConfigInput {
  const beijing = chinaSystem([]);
  const { credentialsSecretArn, ...database } = beijing.database;
  const inFrankfurt = (arn: string): string =>
    arn.replace('aws-cn', 'aws').replace('cn-north-1', 'eu-central-1');
  const crm = room('crm-room', 'users');
  return {
    ...beijing,
    environment: { account: '123456789012', region: 'eu-central-1' },
    database: { ...database, credentialsSecretArn: inFrankfurt(credentialsSecretArn ?? '') },
    notices: { ...beijing.notices, webhooks: [{ ...crm, secretArn: inFrankfurt(crm.secretArn) }] },
  };
}

describe('a shutdown in a China Region, where SES is not', { timeout: 240_000 }, () => {
  it('tells everybody by webhook, and asks for the approval there', async () => {
    const system = chinaSystem([room('crm-room', 'users'), room('ops-room', 'operators', 'approvers')], {
      approval: { principals: ['arn:aws-cn:iam::123456789012:role/HeadOfOperations'] },
    });

    const rehearsed = await rehearseScenario({ systems: [system], input: { reason: '周末停机' } });

    expect(rehearsed.broken).toEqual([]);
    expect(rehearsed.record.outcome).toBe('succeeded');
    expect(rehearsed.exitCode).toBe(0);
    expect(lines(rehearsed)).toEqual([
      'approval-request to approvers by webhook ops-room: told',
      'announcement to users by webhook crm-room: told',
      'reminder to users by webhook crm-room: told',
      'shut-down to operators by webhook ops-room: told',
    ]);
    expect(readdirSync(join(rehearsed.out, 'mail'))).toEqual([]);
    expect(rehearsed.calls().filter(({ operation }) => operation.startsWith('SendRaw'))).toEqual([]);
    const folder = join(rehearsed.out, 'webhooks');
    const [, file = ''] = readdirSync(folder).sort();
    const kept = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    expect(kept).toMatchObject({
      channel: 'webhook crm-room',
      url: 'https://webhooks.sandbox.test',
      headers: { 'webhook-id': expect.stringMatching(/^msg_[0-9a-f]{32}$/) },
      body: {
        type: 'lights_out.announcement',
        data: { event: 'announcement', audience: 'users', system: 'crm', texts: [{ language: 'zh-CN' }] },
      },
    });
    expect(kept.body.data.times.at.local).toContain('GMT+8');
  });

  it('is refused where only mail would reach somebody, and names what to configure', async () => {
    await expect(rehearseScenario({ systems: [chinaSystem([])] })).rejects.toThrow(
      /cn-north-1 has no SES, so no mail reaches users; expected a webhook whose audiences hold "users"\. Example: notices\.webhooks: .*\n.*operators/s,
    );
    await expect(rehearseScenario({ systems: [chinaSystem([room('crm-room', 'users')])] })).rejects.toThrow(
      /no mail reaches operators/,
    );
  });
});

describe('a webhook that fails', { timeout: 240_000 }, () => {
  it('keeps mail from telling nobody, is tried for ten minutes, and operators hear who was not told', async () => {
    const rehearsed = await rehearseScenario({
      systems: [besideMail()],
      faults: [{ world: 'webhook-fails', status: 503 }],
    });

    expect(rehearsed.broken).toEqual([]);
    expect(rehearsed.record).toMatchObject({ outcome: 'succeeded', unusedFaults: [] });
    const told = lines(rehearsed);
    expect(
      told.filter((line) => line.startsWith('announcement') && line.includes('by mail: told')),
    ).toHaveLength(3);
    expect(told).toContain('announcement to users by webhook crm-room: gave-up');
    const logs = readFileSync(join(rehearsed.out, 'logs', 'announce.jsonl'), 'utf8');
    expect(logs).toContain('webhook crm-room answered HTTP 503');
    expect(logs).not.toContain('webhooks.sandbox.test');
  });

  it('for a while only: the same message is told later, once', async () => {
    const rehearsed = await rehearseScenario({
      systems: [chinaSystem([room('all-rooms', 'users', 'operators')])],
      faults: [{ world: 'webhook-fails', status: 429, retryAfterSeconds: 1, times: 2 }],
    });

    expect(rehearsed.broken).toEqual([]);
    expect(rehearsed.record.outcome).toBe('succeeded');
    expect(lines(rehearsed)).toEqual([
      'announcement to users by webhook all-rooms: told',
      'reminder to users by webhook all-rooms: told',
      'shut-down to operators by webhook all-rooms: told',
    ]);
  });

  it('and is the only way to the users: nothing is touched', async () => {
    const rehearsed = await rehearseScenario({
      systems: [chinaSystem([room('crm-room', 'users'), room('ops-room', 'operators')])],
      faults: [{ world: 'webhook-fails', webhook: 'crm-room', status: 302 }],
    });

    expect(rehearsed.broken).toEqual([]);
    expect(rehearsed.record.error).toMatchObject({
      name: 'AnnouncementFailed',
      message: expect.stringContaining('check webhook crm-room'),
    });
    expect(rehearsed.record.resources.database).toBe('available');
    expect(lines(rehearsed)).toEqual([
      'announcement to users by webhook crm-room: refused',
      'not-begun to operators by webhook ops-room: told',
    ]);
  });

  it('and takes no connection: the plan refuses before anybody is told', async () => {
    const rehearsed = await rehearseScenario({
      systems: [chinaSystem([room('all-rooms', 'users', 'operators')])],
      faults: [{ world: 'webhook-fails', connection: 'refused' }],
    });

    expect(rehearsed.exitCode).toBe(2);
    expect(rehearsed.record.error?.message).toMatch(
      /webhook all-rooms: its host cannot be reached by TLS \(ECONNREFUSED\); check the address/,
    );
    expect(existsSync(join(rehearsed.out, 'notices.jsonl'))).toBe(false);
  });
});
