import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { VolumesCheckResult } from '../../../../functions/contract/volumes-state.ts';
import { handler, type VolumesEvent } from '../../../../functions/steps/volumes/handler.ts';
import {
  awsError,
  Bucket,
  execution,
  plan,
  RUN_ID,
  runContext,
  simulateTime,
  system,
} from '../../fixtures.ts';
import { COPY, Copies, DIGEST, READING, SOURCE } from './copies.ts';
import { files, set, WEB } from './world.ts';

const RESULT = `runs/crm/${RUN_ID}/files-verification.json`;
const planned = files({
  backup: 'verify',
  servers: [
    {
      ...WEB,
      volumes: WEB.volumes.map((each) => (each.boot ? { ...each, notComparable: 'boot volume' } : each)),
    },
  ],
});

let copies: Copies;
let bucket: Bucket;
let clock: { now: number };

const call = (previous?: VolumesCheckResult, changes: object = {}): Promise<VolumesCheckResult> =>
  handler({
    action: 'verify',
    execution,
    state: {
      run: runContext(),
      config: system({ files: { backup: 'verify', ...changes } }),
      plan: plan({ files: planned }),
      backup: {
        volumes: {
          snapshots: set('completed').map((each) => ({
            volumeId: each.VolumeId,
            snapshotId: each.SnapshotId,
          })),
        },
        ...(previous === undefined ? {} : { volumesCheck: previous }),
      },
    },
  } as unknown as VolumesEvent) as Promise<VolumesCheckResult>;

/** Calls as the workflow does: again after the wait, and at once after an error that may pass. */
async function untilOver(first?: VolumesCheckResult, most = 40): Promise<VolumesCheckResult> {
  let last = first;
  for (let round = 0; round < most; round += 1) {
    try {
      last = await call(last);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'AwsTemporarilyUnavailable') throw error;
      continue;
    }
    if (last.done) return last;
    clock.now += last.waitSeconds * 1000;
  }
  throw new Error(`not done after ${most} rounds`);
}

beforeEach(() => {
  bucket = new Bucket();
  bucket.lock();
  copies = new Copies();
  clock = simulateTime('2026-11-27T14:20:00.000Z');
  bucket.put(`runs/crm/${RUN_ID}/files-source.json`, {
    contents: false,
    recordedAt: '2026-11-27T14:10:00.000Z',
    volumes: [
      {
        server: 'web-1',
        volumeId: SOURCE,
        bytes: 34_359_738_368,
        parts: [{ part: '0', filesystem: 'xfs', files: 12, size: 3456, digest: DIGEST }],
      },
    ],
  });
});
afterEach(() => vi.restoreAllMocks());

describe('volumes verify', () => {
  it('restores each data volume, reads it on its server, and removes it again', async () => {
    const result = await untilOver();

    expect(result).toMatchObject({ done: true, equal: true, volumes: 1, files: 12, key: RESULT });
    expect(copies.volumes).toEqual([]);
    expect(copies.calls('CreateVolumeCommand')[0]).toEqual({
      ClientToken: `${RUN_ID}-${SOURCE}`,
      SnapshotId: 'snap-00000000000000011',
      AvailabilityZone: 'eu-central-1a',
      VolumeType: 'gp3',
      TagSpecifications: [
        {
          ResourceType: 'volume',
          Tags: [
            { Key: 'lights-out:system', Value: 'crm' },
            { Key: 'lights-out:run', Value: RUN_ID },
            { Key: 'lights-out:source-volume', Value: SOURCE },
          ],
        },
      ],
    });
    // The first name that is free: the source has /dev/sdf.
    expect(copies.calls('AttachVolumeCommand')).toEqual([
      { VolumeId: COPY, InstanceId: WEB.instanceId, Device: '/dev/sdg' },
    ]);
    expect(copies.sent.map((each) => each.Parameters)).toEqual([
      {
        Action: ['check'],
        Directory: [`/run/lights-out/crm-${RUN_ID}`],
        Volumes: [`${COPY}:sdg`],
        Contents: ['no'],
        TimeoutSeconds: ['3600'],
      },
    ]);
    expect(bucket.read(RESULT)).toMatchObject({
      equal: true,
      compared: [{ server: 'web-1', volumeId: SOURCE, files: 12, equal: true }],
      differences: [],
      notCompared: [{ object: `volume ${WEB.volumes[0]?.volumeId} of web-1`, reason: 'boot volume' }],
    });
  });

  it('makes no second copy when an answer is lost, whichever', async () => {
    copies.lost = true;
    for (const operation of ['CreateVolume', 'AttachVolume', 'DetachVolume', 'DeleteVolume'])
      copies.refusals[`${operation}Command`] = [Object.assign(new Error('lost'), { name: 'TimeoutError' })];

    expect(await untilOver()).toMatchObject({ done: true, equal: true });
    expect(copies.volumes).toEqual([]);
    const tokens = copies
      .calls('CreateVolumeCommand')
      .map((input) => (input as { ClientToken: string }).ClientToken);
    expect(new Set(tokens).size).toBe(1);
  });

  it('ends the same, and leaves no copy, whichever single call loses its connection', async () => {
    await untilOver();
    const calls = copies.made.length;
    expect(calls).toBeGreaterThan(15);
    for (let at = 1; at <= calls; at += 1) {
      for (const when of ['before', 'after'] as const) {
        copies = new Copies();
        copies.fault = { at, when };
        const result = await untilOver();
        expect(result, `${copies.made[at - 1]} (${at}) lost ${when}`).toMatchObject({
          equal: true,
          files: 12,
        });
        expect(copies.volumes, `${copies.made[at - 1]} (${at}) lost ${when}`).toEqual([]);
      }
    }
  });

  it('names the volume that differs, after a second look at the source', async () => {
    copies.readings[COPY] = READING.replace(DIGEST, 'e'.repeat(64));

    await expect(untilOver()).rejects.toMatchObject({
      name: 'VolumeMismatch',
      message: expect.stringMatching(new RegExp(`volume ${SOURCE} of web-1: a file differs`)),
    });
    expect(copies.sent.map((each) => each.Parameters?.['Action']?.[0])).toEqual(['check', 'record']);
    expect(bucket.read(RESULT)).toMatchObject({ equal: false, differences: [{ volumeId: SOURCE }] });
    expect(copies.volumes).toEqual([]);
  });

  it('says so when it was the source that changed', async () => {
    copies.readings = {
      [SOURCE]: READING.replace(DIGEST, 'f'.repeat(64)),
      [COPY]: READING.replace(DIGEST, 'e'.repeat(64)),
    };

    await expect(untilOver()).rejects.toMatchObject({
      name: 'VolumeMismatch',
      message: expect.stringContaining('somebody wrote to it after the services had stopped'),
    });
    expect(bucket.read(RESULT)).toMatchObject({ differences: [{ strayWrite: true }] });
  });

  it('keeps the difference when the source cannot be looked at again', async () => {
    copies.readings[COPY] = 'part=0 filesystem=xfs failed=mount';
    const first = await call();
    let last = first;
    while (last.commands.length === 0) {
      clock.now += last.waitSeconds * 1000;
      last = await call(last);
    }
    copies.status = 'Failed';

    await expect(call(last)).rejects.toMatchObject({
      name: 'VolumeMismatch',
      message: expect.stringContaining('could not mount it'),
    });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a copy that ends as error',
      () => {
        copies.endsAs = 'error';
      },
      /"error" \(look at its KMS key/,
    ],
    [
      'the quota of volumes',
      () => {
        copies.refusals['CreateVolumeCommand'] = [awsError('VolumeLimitExceeded')];
      },
      /EC2 did not restore it/,
    ],
    [
      'a server that has no room for one more',
      () => {
        copies.refusals['AttachVolumeCommand'] = [awsError('AttachmentLimitExceeded')];
      },
      /does not take it/,
    ],
    [
      'a script that fails',
      () => {
        copies.status = 'Failed';
      },
      /the command ended as "Failed"/,
    ],
    [
      'a server that says nothing of it',
      () => {
        copies.readings = {};
      },
      /said nothing of it/,
    ],
  ])('fails by name on %s', async (_name, prepare, words) => {
    prepare();

    await expect(untilOver()).rejects.toMatchObject({
      name: 'VolumeCheckImpossible',
      message: expect.stringMatching(words),
    });
  });

  it('fails by name when the agent does not answer', async () => {
    copies.online = false;

    await expect(call()).rejects.toMatchObject({ name: 'AgentOffline' });
    expect(copies.calls('CreateVolumeCommand')).toEqual([]);
  });

  it('has deadlines: for the restore, and for the reading', async () => {
    const first = await call();
    copies.endsAs = 'creating';
    clock.now += 1_801_000;
    await expect(call(first)).rejects.toMatchObject({
      name: 'VolumeCheckImpossible',
      message: expect.stringContaining('after 30 min'),
    });

    copies.endsAs = 'available';
    let reading = first;
    while (reading.checks[0]?.phase !== 'read') {
      reading = {
        ...reading,
        checks: reading.checks.map((check) => ({ ...check, phaseSince: new Date(clock.now).toISOString() })),
      };
      reading = await call(reading);
    }
    copies.status = 'InProgress';
    expect(await call(reading)).toMatchObject({ done: false });
    clock.now += 3_781_000;
    await expect(call(reading)).rejects.toMatchObject({
      name: 'VolumeCheckImpossible',
      message: expect.stringContaining('checkTimeoutMinutes'),
    });
  });

  it('reads what files contain too when it is asked to', async () => {
    let last = await call(undefined, { contents: true });
    while (copies.sent.length === 0) last = await call(last, { contents: true });

    expect(copies.sent[0]?.Parameters?.['Contents']).toEqual(['yes']);
  });
});
