import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, vi } from 'vitest';
import { IDENTIFIER, RUN_ID, standStill } from '../fixtures.ts';
import { rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

describe('closing a run', () => {
  it('certifies what was proved: snapshot, both servers, every table with its digest', async () => {
    const world = new World(succeeded());

    await world.close();

    expect(world.certificate).toMatchObject({
      run: { reason: 'Weekend shutdown', requestedBy: 'schedule', at: '2026-11-27T14:00:00.000Z' },
      approvedBy: 'arn:aws:iam::123456789012:role/HeadOfOperations',
      snapshot: {
        identifier: IDENTIFIER,
        arn: `arn:aws:rds:eu-central-1:123456789012:snapshot:${IDENTIFIER}`,
        confirmed: true,
        verified: true,
      },
      verification: {
        policy: 'full',
        equal: true,
        tables: 5,
        rows: 85_204,
        source: { address: 'crm-db.example.eu-central-1.rds.amazonaws.com', port: 5432 },
        restored: { address: 'lights-out-crm.example.eu-central-1.rds.amazonaws.com', port: 5432 },
        notCompared: [{ object: '"public"."sessions_cache"', reason: expect.any(String) }],
      },
      expectedSeconds: 2292,
      attention: [],
    });
    const { compared } = world.certificate['verification'] as { compared: unknown[] };
    expect(compared).toHaveLength(5);
    expect(compared[0]).toEqual({
      name: 'crm: "public"."accounts"',
      rows: 4000,
      digest: '9f2c01d47ab35e6688c1f0a2b3d4e5f6',
      equal: true,
    });
    // 22:00 was announced; the database was seen off 37 minutes and some later.
    expect(world.certificate['actualSeconds']).toBe(
      (Date.parse(world.run.closedAt) - Date.parse('2026-11-27T14:00:00.000Z')) / 1000,
    );
    expect(world.certificate['resources']).toEqual([
      { kind: 'database', name: 'database crm-db', state: 'stopped' },
      { kind: 'server', name: 'server web-1', state: 'stopped' },
      { kind: 'server', name: 'server app-1', state: 'stopped' },
      { kind: 'service', name: 'service crm-api on app-1', state: 'inactive', lastSeen: true },
      { kind: 'service', name: 'service nginx on web-1', state: 'inactive', lastSeen: true },
      { kind: 'maintenance', name: 'maintenance mode', state: 'on', lastSeen: true },
      { kind: 'test instance', name: `test instance ${IDENTIFIER}`, state: 'not there' },
    ]);
  });

  it.each([
    ['sound', [], true, 'no damage'],
    [
      'damaged',
      [{ object: 'crm: B-tree <i>', problem: 'XX002: order' }],
      false,
      'B-tree &lt;i&gt;: XX002: order',
    ],
  ])('tells of a copy that its engine found %s', async (_what, problems, equal, words) => {
    const run = succeeded();
    const key = `runs/crm/${RUN_ID}/verification.json`;
    const engineCheck = {
      method: 'amcheck',
      checked: 1234,
      problems,
      notChecked: [{ object: 'crm: 1 index', reason: 'no check for it' }],
    };
    const world = new World({
      ...run,
      evidence: { ...run.evidence, [key]: { ...(run.evidence[key] as object), engineCheck } },
    });

    await world.close();

    expect(world.certificate['verification']).toMatchObject({ equal, engineCheck });
    expect(world.report).toContain('amcheck: 1,234 objects');
    expect(world.report).toContain(words);
    expect(world.report).toContain('crm: 1 index: no check for it');
  });

  it('certifies both digests of a table that differs', async () => {
    const world = new World(rolledBack());

    await world.close();

    const { compared, equal } = world.certificate['verification'] as {
      compared: { equal: boolean }[];
      equal: boolean;
    };
    expect(equal).toBe(false);
    expect(compared.filter((table) => !table.equal)).toEqual([
      {
        name: `crm: "public"."客户 <VIP> & 'others'"`,
        rows: 1204,
        digest: 'abcdefabcdefabcdefabcdefabcdefab',
        restored: { rows: 1204, digest: 'dddddddddddddddddddddddddddddddd' },
        equal: false,
      },
    ]);
    expect(world.certificate['snapshot']).toMatchObject({ confirmed: true, verified: false });
  });

  it('counts what the outage took from the time that users were told, not from the one first planned', async () => {
    const world = new World(succeeded());
    const announcement = { ...world.run.state.announcement, at: '2026-11-27T14:20:00.000Z' };

    await world.close({ ...world.run.state, announcement });

    expect(world.certificate).toMatchObject({
      announcedAt: '2026-11-27T14:20:00.000Z',
      actualSeconds: (Date.parse(world.run.closedAt) - Date.parse('2026-11-27T14:20:00.000Z')) / 1000,
    });
  });

  it('reads every page of the history', async () => {
    const world = new World(succeeded());
    await world.close();
    expect(world.sfn.commandCalls(GetExecutionHistoryCommand).length).toBeGreaterThan(5);
    expect((world.certificate['steps'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'Plan',
      'Announce',
      'Drain sessions',
      'Stop services',
      'Record manifest',
      'Take snapshot',
      'Restore test instance',
      'Verify restore',
      'Delete test instance',
      'Stop database',
      'Stop servers',
      'Close the run',
    ]);
  });
});
