import { ListCommandInvocationsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlannedFiles, VolumesResult } from '../../../../functions/contract/volumes-state.ts';
import { handler, type VolumesEvent } from '../../../../functions/steps/volumes/handler.ts';
import {
  awsError,
  Bucket,
  execution,
  invocationAnswer,
  plan,
  RUN_ID,
  runContext,
  simulateTime,
  system,
} from '../../fixtures.ts';
import { files, set, WEB, World } from './world.ts';

const START = '2026-11-27T14:10:00.000Z';
const MARK = `runs/crm/${RUN_ID}/volumes/request-${WEB.instanceId}.json`;

let world: World;
let bucket: Bucket;
let clock: { now: number };

const call = (previous?: VolumesResult, planned: PlannedFiles = files()): Promise<VolumesResult> =>
  handler({
    action: 'snapshot',
    execution,
    state: {
      run: runContext(),
      config: system(),
      plan: plan({ files: planned }),
      ...(previous === undefined ? {} : { backup: { volumes: previous } }),
    },
  } as unknown as VolumesEvent) as Promise<VolumesResult>;

/** Calls until the snapshots were asked for. */
async function untilRequested(): Promise<VolumesResult> {
  return call(await call());
}

beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
  world = new World();
  clock = simulateTime(START);
});
afterEach(() => vi.restoreAllMocks());

describe('volumes snapshot', () => {
  it('has the servers write their buffers out before it asks for anything', async () => {
    const first = await call();

    expect(first).toMatchObject({ done: false, phase: 'quiet', commands: [{ server: 'web-1' }] });
    expect(world.ssm.commandCalls(SendCommandCommand)[0]?.args[0].input).toMatchObject({
      DocumentName: 'LightsOut-crm-Volumes',
      InstanceIds: [WEB.instanceId],
      Parameters: { Action: ['flush'] },
    });
    expect(world.requests()).toEqual([]);

    world.status = 'InProgress';
    expect(await call(first)).toMatchObject({ done: false, phase: 'quiet' });
    expect(world.requests()).toEqual([]);
  });

  it('asks once for all volumes of a server, with the tags of the run', async () => {
    const requested = await untilRequested();

    expect(requested).toMatchObject({ done: false, phase: 'snapshot' });
    expect(requested.snapshots.map((each) => each.volumeId)).toEqual(
      WEB.volumes.map((each) => each.volumeId),
    );
    expect(world.requests()).toEqual([
      {
        InstanceSpecification: { InstanceId: WEB.instanceId, ExcludeBootVolume: false },
        Description: `lights-out: crm, run ${RUN_ID}, server web-1`,
        CopyTagsFromSource: 'volume',
        TagSpecifications: [
          {
            ResourceType: 'snapshot',
            Tags: [
              { Key: 'lights-out:system', Value: 'crm' },
              { Key: 'lights-out:run', Value: RUN_ID },
              { Key: 'lights-out:volume-set', Value: `${WEB.instanceId}/1` },
            ],
          },
        ],
      },
    ]);

    // EC2 lists them only a while later: no second request meanwhile.
    const waiting = await call(requested);
    expect(waiting).toMatchObject({ done: false, waitSeconds: 10 });
    expect(world.requests()).toHaveLength(1);
  });

  it('leaves out what the plan left out', async () => {
    const planned = files({ servers: [{ ...WEB, excluded: ['vol-0bbbbbbbbbbbbbbb1'] }] });
    await call(await call(undefined, planned), planned);

    expect(world.requests()[0]?.InstanceSpecification).toEqual({
      InstanceId: WEB.instanceId,
      ExcludeBootVolume: false,
      ExcludeDataVolumeIds: ['vol-0bbbbbbbbbbbbbbb1'],
    });
  });

  it('is done only when every snapshot is completed, and stores which they are', async () => {
    const requested = await untilRequested();
    world.listed = [...set('completed', '100%').slice(0, 1), ...set('pending', '50%').slice(1)];
    const half = await call(requested);
    // 8 of 40 GiB whole, 32 half-way.
    expect(half).toMatchObject({ done: false, percent: 60 });
    expect(bucket.read(`runs/crm/${RUN_ID}/volumes.json`)).toBeUndefined();

    world.listed = set('completed', '100%');
    expect(await call(half)).toMatchObject({
      done: true,
      percent: 100,
      key: `runs/crm/${RUN_ID}/volumes.json`,
    });
    expect(bucket.read(`runs/crm/${RUN_ID}/volumes.json`)).toMatchObject({
      snapshots: [
        { server: 'web-1', volumeId: WEB.volumes[0]?.volumeId, state: 'completed', boot: true },
        { server: 'web-1', volumeId: WEB.volumes[1]?.volumeId, state: 'completed', boot: false },
      ],
      notCovered: [],
    });
  });

  it('finds the snapshots of a request whose answer was lost, and makes no second set', async () => {
    const first = await call();
    world.refusals.push(awsError('TimeoutError'));
    await expect(call(first)).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    // The workflow tries again at once; EC2 does not list them yet.
    clock.now += 4_000;
    const again = await call(first);
    expect(again).toMatchObject({ done: false, snapshots: [] });
    expect(world.requests()).toHaveLength(1);

    world.listed = set('pending', '10%');
    expect(await call(again)).toMatchObject({ done: false, percent: 10 });
    expect(world.requests()).toHaveLength(1);
  });

  it('asks again when a request whose answer was lost made nothing', async () => {
    const first = await call();
    world.refusals.push(awsError('ServiceUnavailable', 503));
    await expect(call(first)).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });

    const again = await call(first);
    expect(world.requests()).toHaveLength(1);
    clock.now += 181_000;
    expect(await call(again)).toMatchObject({ done: false });
    expect(world.requests()).toHaveLength(2);
    // The second set is told from the first, should that one show up after all.
    expect(world.requests()[1]?.TagSpecifications?.[0]?.Tags).toContainEqual({
      Key: 'lights-out:volume-set',
      Value: `${WEB.instanceId}/2`,
    });
  });

  it('takes the first complete one when two sets exist, and never mixes them', async () => {
    const requested = await untilRequested();
    world.listed = [...set('completed', '100%', 2), ...set('completed', '100%', 1).slice(0, 1)];

    const done = await call(requested);
    expect(done.done).toBe(true);
    expect(done.snapshots.map((each) => each.snapshotId)).toEqual([
      'snap-00000000000000020',
      'snap-00000000000000021',
    ]);
  });

  it('asks again at once for what EC2 refused while it was busy, for an hour', async () => {
    const first = await call();
    world.refusals.push(...Array.from({ length: 3 }, () => awsError('ConcurrentSnapshotLimitExceeded')));

    const busy = await call(first);
    expect(busy).toMatchObject({ done: false, waitSeconds: 30 });
    await call(busy);
    expect(world.requests()).toHaveLength(2);
    expect(bucket.read(MARK)).toMatchObject({ number: 1, refused: true });

    clock.now += 3_601_000;
    await expect(call(busy)).rejects.toMatchObject({
      name: 'VolumeSnapshotFailed',
      message: expect.stringContaining('being busy'),
    });
  });

  it('two calls at the same moment make one request', async () => {
    const first = await call();
    await Promise.all([call(first), call(first)]);

    expect(world.requests()).toHaveLength(1);
  });

  it.each([
    ['a failed snapshot', () => set('error'), 0, 'is "error"'],
    ['one that somebody deleted into the Recycle Bin', () => set('recoverable'), 0, 'is "recoverable"'],
    ['the deadline', () => set('pending', '40%'), 6 * 3600 + 301, '"pending" (40 %)'],
  ])('fails on %s', async (_name, listed, later, words) => {
    const requested = await untilRequested();
    world.listed = listed();
    clock.now += later * 1000;

    await expect(call(requested)).rejects.toMatchObject({
      name: 'VolumeSnapshotFailed',
      message: expect.stringContaining(words),
    });
  });

  it('fails when a snapshot that was there is no longer listed, and makes no other', async () => {
    const requested = await untilRequested();
    world.listed = set('completed', '100%').slice(0, 1);
    const incomplete = await call(requested);
    expect(incomplete).toMatchObject({ done: false });

    clock.now += 601_000;
    await expect(call(incomplete)).rejects.toMatchObject({
      name: 'VolumeSnapshotFailed',
      message: expect.stringContaining(WEB.volumes[1]?.volumeId ?? '?'),
    });
    expect(world.requests()).toHaveLength(1);
  });

  it('says so when the quota is reached', async () => {
    const first = await call();
    world.refusals.push(awsError('SnapshotLimitExceeded'));

    await expect(call(first)).rejects.toMatchObject({
      name: 'VolumeSnapshotFailed',
      message: expect.stringContaining('quota'),
    });
  });

  it('fails by name when an agent that the plan saw does not answer any more', async () => {
    world.online = false;
    await expect(call()).rejects.toMatchObject({ name: 'AgentOffline' });

    world.online = true;
    const first = await call();
    world.status = 'InProgress';
    clock.now += 301_000;
    await expect(call(first)).rejects.toMatchObject({ name: 'AgentOffline' });

    world.ssm
      .on(ListCommandInvocationsCommand)
      .resolves(invocationAnswer('TimedOut', '', { details: 'DeliveryTimedOut' }));
    await expect(call(first)).rejects.toMatchObject({ name: 'AgentOffline' });
    expect(world.requests()).toEqual([]);
  });

  it('sends nothing to a server without an agent, whose snapshot is taken all the same', async () => {
    const planned = files({ servers: [{ ...WEB, agent: false }] });

    expect(await call(undefined, planned)).toMatchObject({ done: false, phase: 'snapshot' });
    expect(world.ssm.commandCalls(SendCommandCommand)).toEqual([]);
    expect(world.requests()).toHaveLength(1);
  });

  it('is done at once where there is nothing to take', async () => {
    expect(await call(undefined, files({ servers: [] }))).toMatchObject({ done: true, snapshots: [] });
    expect(bucket.read(`runs/crm/${RUN_ID}/volumes.json`)).toEqual({ snapshots: [], notCovered: [] });
  });
});
