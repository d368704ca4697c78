import type { Volume } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestVolumesResult } from '../../../../functions/contract/volumes-state.ts';
import { handler, type VolumesEvent } from '../../../../functions/steps/volumes/handler.ts';
import { awsError, execution, plan, runContext, simulateTime, system } from '../../fixtures.ts';
import { COPY, Copies, copyTags, SOURCE } from './copies.ts';
import { files, WEB } from './world.ts';

let copies: Copies;
let clock: { now: number };

const copy = (changes: Partial<Volume> = {}): Volume => ({
  VolumeId: COPY,
  State: 'available',
  SnapshotId: 'snap-00000000000000011',
  Tags: copyTags(),
  Attachments: [],
  ...changes,
});
const attached = { State: 'attached' as const, InstanceId: WEB.instanceId, Device: '/dev/sdg' };

const call = (previous?: TestVolumesResult, state: object = {}): Promise<TestVolumesResult> =>
  handler({
    action: 'delete',
    execution,
    state: {
      run: runContext(),
      config: system({ files: { backup: 'verify' } }),
      plan: plan({ files: files({ backup: 'verify' }) }),
      services: { done: true },
      ...(previous === undefined ? {} : { backup: { testVolumes: previous } }),
      ...state,
    },
  } as unknown as VolumesEvent) as Promise<TestVolumesResult>;

/** As part of a roll back. */
const callBack = (previous?: TestVolumesResult, services = true): Promise<TestVolumesResult> =>
  call(undefined, {
    failure: { Error: 'VolumeMismatch', Cause: '' },
    services: { done: services },
    ...(previous === undefined ? {} : { rollback: { testVolumes: previous } }),
  });

beforeEach(() => {
  copies = new Copies();
  clock = simulateTime('2026-11-27T14:30:00.000Z');
});
afterEach(() => vi.restoreAllMocks());

describe('volumes delete', () => {
  it('is done at once when there is nothing, on the way forward', async () => {
    expect(await call()).toMatchObject({ done: true, state: 'none' });
  });

  it('has what a check left mounted released, then detaches, then deletes', async () => {
    copies.volumes = [copy({ State: 'in-use', Attachments: [attached] })];

    const released = await callBack();
    expect(released).toMatchObject({ done: false, released: true });
    expect(copies.sent.map((each) => each.Parameters?.['Action'])).toEqual([['release']]);
    // Exactly what EC2 says is this run's copy and attached there: nothing on the server is believed.
    expect(copies.sent.map((each) => each.Parameters?.['Volumes'])).toEqual([
      [expect.stringMatching(/^vol-[0-9a-f]+:sd[f-p]$/)],
    ]);
    expect(copies.calls('DetachVolumeCommand')).toEqual([]);

    let last = await callBack(released);
    expect(copies.calls('DetachVolumeCommand')).toEqual([{ VolumeId: COPY, InstanceId: WEB.instanceId }]);
    for (let round = 0; round < 20 && !last.done; round += 1) {
      clock.now += last.waitSeconds * 1000;
      last = await callBack(last);
    }
    expect(last.done).toBe(true);
    expect(copies.volumes).toEqual([]);
  });

  it('detaches all the same when the server cannot be asked, and pulls what does not come off', async () => {
    copies.stuck = true;
    copies.status = 'Failed';
    copies.volumes = [copy({ State: 'in-use', Attachments: [attached] })];
    const released = await callBack();
    const detaching = await callBack(released);
    clock.now += 301_000;
    await callBack(detaching);

    expect(copies.calls('DetachVolumeCommand')).toEqual([
      { VolumeId: COPY, InstanceId: WEB.instanceId },
      { VolumeId: COPY, InstanceId: WEB.instanceId, Force: true },
    ]);
  });

  it('looks for what a call that was still under way may have made, on the way back', async () => {
    const first = await callBack();
    expect(first).toMatchObject({ done: false });

    copies.volumes = [copy()];
    clock.now += 15_000;
    const found = await callBack(first);
    expect(found).toMatchObject({ done: false });
    expect(copies.volumes).toEqual([]);
    clock.now += 151_000;
    expect(await callBack(found)).toMatchObject({ done: true });
    // A run that never came so far has nobody wait.
    expect(await callBack(undefined, false)).toMatchObject({ done: true });
  });

  it.each<[string, Partial<Volume>]>([
    ['another run’s copy', { Tags: copyTags({ 'lights-out:run': 'another' }) }],
    ['another system’s copy', { Tags: copyTags({ 'lights-out:system': 'erp' }) }],
    ['a volume of the CRM that somebody tagged', { VolumeId: SOURCE }],
    ['a volume that says it is its own copy', { Tags: copyTags({ 'lights-out:source-volume': COPY }) }],
    ['a volume that names no source', { Tags: copyTags().slice(0, 2) }],
    ['a volume that was made from nothing', { SnapshotId: '' }],
  ])('never touches %s', async (_name, changes) => {
    copies.volumes = [copy(changes)];
    const first = await callBack();
    clock.now += 151_000;

    await expect(callBack(first)).rejects.toMatchObject({
      name: 'TestVolumeNotDeleted',
      message: expect.stringContaining('left alone'),
    });
    expect(copies.calls('DeleteVolumeCommand')).toEqual([]);
    expect(copies.calls('DetachVolumeCommand')).toEqual([]);
  });

  it('deletes its own copies before it says that another volume is left', async () => {
    const other = copy({ VolumeId: 'vol-0ddddddddddddddd1', Tags: copyTags().slice(0, 2) });
    copies.volumes = [other, copy()];

    const first = await call();
    expect(first).toMatchObject({ done: false });
    expect(copies.calls('DeleteVolumeCommand')).toEqual([{ VolumeId: COPY }]);
    await expect(call(first)).rejects.toMatchObject({
      name: 'TestVolumeNotDeleted',
      message: expect.stringContaining('vol-0ddddddddddddddd1'),
    });
    expect(copies.volumes).toEqual([other]);
  });

  it.each(['IncorrectState', 'VolumeInUse', 'InvalidVolume.NotFound'])('tries again on %s', async (name) => {
    copies.volumes = [copy()];
    copies.refusals['DeleteVolumeCommand'] = [awsError(name)];

    const refused = await call();
    expect(refused).toMatchObject({ done: false });
    await call(refused);
    expect(copies.volumes).toEqual([]);
  });

  it('has AWS asked again when it is throttling', async () => {
    copies.volumes = [copy()];
    copies.refusals['DeleteVolumeCommand'] = [awsError('RequestLimitExceeded', 503)];

    await expect(call()).rejects.toMatchObject({ name: 'AwsTemporarilyUnavailable' });
  });

  it('leaves nothing, whichever single call loses its connection', async () => {
    const untilGone = async (): Promise<void> => {
      copies.volumes = [copy({ State: 'in-use', Attachments: [attached] })];
      let last: TestVolumesResult | undefined;
      for (let round = 0; round < 60 && last?.done !== true; round += 1) {
        try {
          last = await callBack(last);
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'AwsTemporarilyUnavailable') throw error;
          continue;
        }
        clock.now += last.waitSeconds * 1000;
      }
      expect(last?.done).toBe(true);
      expect(copies.volumes).toEqual([]);
    };
    await untilGone();
    const calls = copies.made.length;
    for (let at = 1; at <= calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        copies = new Copies();
        copies.fault = { at, when };
        await untilGone();
      }
    }
  });

  it('gives up by name at the deadline, and names what is left', async () => {
    copies.stuck = true;
    copies.volumes = [copy({ State: 'in-use', Attachments: [{ ...attached, State: 'detaching' }] })];
    const first = await call();
    clock.now += 3_601_000;

    await expect(call(first)).rejects.toMatchObject({
      name: 'TestVolumeNotDeleted',
      message: expect.stringContaining(COPY),
    });
  });
});
