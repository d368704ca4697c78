import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it, vi } from 'vitest';
import type { PlannedFiles } from '../../../functions/contract/volumes-state.ts';
import { awsError, standStill, system } from '../fixtures.ts';
import { folder } from './evidence.ts';
import { textOf } from './markup.ts';
import { type RunFixture, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

const planned: PlannedFiles = {
  backup: 'verify',
  servers: [],
  zones: {},
  notCovered: [
    { object: 'volume vol-0eeeeeeeeeeeeeee1 (/dev/sdz of web-1)', reason: 'files.excludeVolumes names it' },
  ],
};
const snapshots = [
  {
    server: 'web-1',
    volumeId: 'vol-0aaaaaaaaaaaaaaa2',
    snapshotId: 'snap-0123456789abcdef0',
    device: '/dev/sdf',
    sizeGib: 32,
    boot: false,
    state: 'completed',
    percent: 100,
  },
];
const part = {
  server: 'web-1',
  volumeId: 'vol-0aaaaaaaaaaaaaaa2',
  part: '0',
  filesystem: 'xfs',
  files: 288,
  size: 343_447,
  digest: 'c'.repeat(64),
};
const comparison = (equal: boolean) => ({
  equal,
  contents: false,
  comparedAt: '2026-11-27T14:20:00.000Z',
  compared: [{ ...part, equal }],
  differences: equal
    ? []
    : [
        {
          server: 'web-1',
          volumeId: part.volumeId,
          part: '0',
          detail: '287 files restored, the source has 288',
        },
      ],
  notCompared: [{ object: 'volume vol-0aaaaaaaaaaaaaaa1 of web-1', reason: 'boot volume' }],
});

/** The run with its files: what the steps stored, as far as they came. */
function withFiles(run: RunFixture, equal: boolean | undefined): RunFixture {
  const config = system({ ...run.config, files: { backup: 'verify' } });
  const plan = run.state.plan === undefined ? undefined : { ...run.state.plan, files: planned };
  return {
    ...run,
    config,
    state: { ...run.state, config, ...(plan === undefined ? {} : { plan }) },
    evidence: {
      ...run.evidence,
      [`${folder}/volumes.json`]: { snapshots, notCovered: planned.notCovered },
      ...(equal === undefined ? {} : { [`${folder}/files-verification.json`]: comparison(equal) }),
    },
  };
}

function worldOf(run: RunFixture): World {
  const world = new World(run);
  world.ec2.on(DescribeVolumesCommand).resolves({ Volumes: [] });
  return world;
}

standStill();

describe('the CRM’s files in certificate and report', () => {
  it('names every snapshot, what was compared, and what is not covered', async () => {
    const world = worldOf(withFiles(succeeded(), true));
    await world.close();

    expect(world.certificate).toMatchObject({
      attention: [],
      files: {
        backup: 'verify',
        confirmed: true,
        snapshots,
        notCovered: planned.notCovered,
        verification: { equal: true, compared: [{ files: 288 }] },
      },
    });
    const text = textOf(world.report);
    for (const words of [
      'snap-0123456789abcdef0',
      '1 snapshot, each seen completed.',
      'Restored and compared: 1 volume with 288 files, by name, size, owner and time.',
      'files.excludeVolumes names it',
      'vol-0aaaaaaaaaaaaaaa1 of web-1: boot volume',
    ])
      expect(text).toContain(words);
  });

  it('says which volume differs, and how', async () => {
    const world = worldOf(withFiles(rolledBack(), false));
    await world.close();

    const text = textOf(world.report);
    expect(text).toContain('The restored files differ from the source.');
    expect(text).toContain('287 files restored, the source has 288');
  });

  it('claims no snapshot when the step never came', async () => {
    const run = withFiles(rolledBack(), undefined);
    const { [`${folder}/volumes.json`]: _volumes, ...evidence } = run.evidence;
    const world = worldOf({ ...run, evidence });
    await world.close();

    expect(world.certificate).toMatchObject({ files: { confirmed: false, snapshots: [] } });
    expect(textOf(world.report)).toContain('None was taken in this run.');
  });

  it('asks a person to delete a copy that is left', async () => {
    const world = worldOf(withFiles(succeeded(), true));
    world.ec2.on(DescribeVolumesCommand).resolves({
      Volumes: [
        { VolumeId: 'vol-0ccccccccccccccc1', State: 'available' },
        { VolumeId: 'vol-0ccccccccccccccc2', State: 'in-use' },
        { VolumeId: 'vol-0ccccccccccccccc3', State: 'deleting' },
      ],
    });
    await world.close();

    expect(world.certificate).toMatchObject({
      attention: [
        { kind: 'test-volume', command: 'aws ec2 delete-volume --volume-id vol-0ccccccccccccccc1' },
        { kind: 'test-volume', command: 'aws ec2 detach-volume --volume-id vol-0ccccccccccccccc2' },
      ],
    });
    expect(textOf(world.report)).toContain('test volume vol-0ccccccccccccccc1 is left ("available")');
  });

  it('says so when nobody could look for copies', async () => {
    const world = worldOf(withFiles(succeeded(), true));
    world.ec2.on(DescribeVolumesCommand).rejects(awsError('UnauthorizedOperation', 403));
    await world.close();

    expect(world.certificate).toMatchObject({ attention: [{ kind: 'not-seen', resource: 'test volumes' }] });
  });

  it('is no roll back that succeeded when a copy could not be deleted', async () => {
    const run = withFiles(rolledBack(), false);
    const testVolumes = { Error: 'TestVolumeNotDeleted', Cause: '{"errorMessage":"vol-… is left"}' };
    const world = worldOf({
      ...run,
      state: { ...run.state, rollback: { ...run.state.rollback, testVolumes } },
    });

    expect(await world.close()).toMatchObject({ outcome: 'failed' });
    expect(textOf(world.report)).toContain('Delete the test volumes : ✗ TestVolumeNotDeleted');
  });
});
