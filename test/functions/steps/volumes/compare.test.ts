import { describe, expect, it } from 'vitest';
import type { PartReading, VolumeReading } from '../../../../functions/contract/volumes-state.ts';
import { readingsOf } from '../../../../functions/steps/volumes/commands.ts';
import { compareVolume } from '../../../../functions/steps/volumes/compare.ts';

const DIGEST = 'a'.repeat(64);
const part = (changes: Partial<PartReading> = {}): PartReading => ({
  part: '0',
  filesystem: 'xfs',
  files: 12,
  size: 3456,
  digest: DIGEST,
  ...changes,
});
const volume = (parts: PartReading[], bytes = 1024): VolumeReading => ({
  volumeId: 'vol-0aaaaaaaaaaaaaaa2',
  bytes,
  parts,
});
const skipped = (why: string, number = '0'): PartReading => ({ part: number, skipped: why });

describe('the comparison of a volume', () => {
  it('is equal when every file system is', () => {
    expect(compareVolume('web-1', volume([part()]), volume([part()]))).toEqual({
      compared: [expect.objectContaining({ server: 'web-1', files: 12, equal: true })],
      differences: [],
      notCompared: [],
    });
  });

  it.each<[string, VolumeReading, RegExp]>([
    ['another digest', volume([part({ digest: 'b'.repeat(64) })]), /a file differs/],
    ['a file that is missing', volume([part({ files: 11 })]), /11 files restored, the source has 12/],
    ['files that are shorter', volume([part({ size: 3455 })]), /3455 bytes, those of the source 3456/],
    ['another file system', volume([part({ filesystem: 'ext4' })]), /the file system is ext4/],
    ['a smaller disk', volume([part()], 512), /the restored volume has 512 bytes/],
    ['no such partition', volume([part({ part: '1' })]), /no such partition/],
    [
      'a file system that cannot be mounted',
      volume([{ part: '0', filesystem: 'xfs', failed: 'mount' }]),
      /could not mount it/,
    ],
    ['a copy that is locked', volume([skipped('encrypted-by-the-server')]), /cannot be read: encrypted/],
    ['a copy without a device', volume([skipped('device-not-found')]), /no device/],
    ['nothing said of it', volume([]), /no such partition/],
  ])('names %s', (_name, restored, words) => {
    const { differences } = compareVolume('web-1', volume([part()]), restored);

    expect(differences.map((difference) => difference.detail)).toContainEqual(expect.stringMatching(words));
  });

  it.each([
    ['lvm', /LVM/],
    ['software-raid', /software RAID/],
    ['encrypted-by-the-server', /LUKS, BitLocker/],
    ['no-file-system', /dynamic disk/],
    ['not-mounted', /not mounted/],
    ['swap', /swap/],
    ['file-system-btrfs', /file system btrfs/],
    ['partition-Reserved', /partition-Reserved/],
  ])('says of what the source could not be read of (%s) why, and compares the rest', (why, words) => {
    const source = volume([part(), skipped(why, '1')]);
    const { compared, differences, notCompared } = compareVolume('web-1', source, source);

    expect(compared).toHaveLength(1);
    expect(differences).toEqual([]);
    expect(notCompared).toEqual([
      {
        object: 'volume vol-0aaaaaaaaaaaaaaa2 of web-1, partition 1',
        reason: expect.stringMatching(words),
      },
    ]);
  });
});

it('the lines of the document are gathered by volume', () => {
  expect(
    readingsOf([
      { volumes: 'flushed' },
      { volume: 'vol-1', bytes: '1024' },
      { volume: 'vol-1', part: '1', filesystem: 'ext4', files: '2', size: '30', digest: DIGEST },
      { volume: 'vol-1', part: '2', skipped: 'swap' },
      { volume: 'vol-2', part: '0', filesystem: 'xfs', failed: 'read' },
    ]),
  ).toEqual([
    {
      volumeId: 'vol-1',
      bytes: 1024,
      parts: [
        { part: '1', filesystem: 'ext4', files: 2, size: 30, digest: DIGEST },
        { part: '2', skipped: 'swap' },
      ],
    },
    { volumeId: 'vol-2', parts: [{ part: '0', filesystem: 'xfs', failed: 'read' }] },
  ]);
});
