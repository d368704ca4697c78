import type { PartReading, VolumeComparison, VolumeReading } from '../../contract/volumes-state.ts';

/** Reasons why a part of a volume is not compared, in words. A reason that is not listed is shown as the server said it. */
const REASONS: Record<string, string> = {
  lvm: 'LVM: its file systems lie across volumes',
  'software-raid': 'software RAID: its file systems lie across volumes',
  'encrypted-by-the-server': 'encrypted by the server itself (LUKS, BitLocker): a copy is locked',
  swap: 'swap: it holds no files',
  'no-file-system': 'no file system was recognised on it (raw data, dynamic disk, Storage Spaces)',
  'not-mounted': 'it is not mounted on its server, so there is nothing to compare with',
  'device-not-found': 'its server has no device for it',
};

/** Tells whether a file system of the source was read. */
export function isRead(part: PartReading): boolean {
  return part.digest !== undefined;
}

/** The reason why a part was not read, for people. */
export function reasonOf(part: PartReading): string {
  const { skipped, failed } = part;
  if (skipped !== undefined) return REASONS[skipped] ?? skipped.replace('file-system-', 'file system ');
  return failed === undefined ? 'the server said nothing of it' : `its server could not ${failed} it`;
}

/**
 * Compares a restored volume with its quiet source. A part that could not be read at the source is not compared. Every other part must be
 * readable in the copy, and the same.
 */
export function compareVolume(
  server: string,
  source: VolumeReading,
  restored: VolumeReading,
): VolumeComparison {
  const { volumeId } = source;
  const comparison: VolumeComparison = { compared: [], differences: [], notCompared: [] };
  const differ = (part: string, detail: string): void => {
    comparison.differences.push({ server, volumeId, part, detail });
  };
  if (source.bytes !== restored.bytes)
    differ(
      '0',
      `the restored volume has ${restored.bytes ?? 'unknown'} bytes, the source ${source.bytes ?? 'unknown'}`,
    );
  for (const part of source.parts) {
    const { filesystem = '', files = 0, size = 0, digest = '' } = part;
    if (!isRead(part)) {
      comparison.notCompared.push({ object: partName(server, volumeId, part.part), reason: reasonOf(part) });
      continue;
    }
    const copy = restored.parts.find((candidate) => candidate.part === part.part);
    const detail = differenceOf(part, copy);
    comparison.compared.push({
      server,
      volumeId,
      part: part.part,
      filesystem,
      files,
      size,
      digest,
      equal: detail === undefined,
    });
    if (detail !== undefined) differ(part.part, detail);
  }
  return comparison;
}

export function partName(server: string, volumeId: string, part: string): string {
  return `volume ${volumeId} of ${server}${part === '0' ? '' : `, partition ${part}`}`;
}

function differenceOf(source: PartReading, copy: PartReading | undefined): string | undefined {
  if (copy === undefined) return 'the restored volume has no such partition';
  if (!isRead(copy)) return `the restored file system cannot be read: ${reasonOf(copy)}`;
  if (copy.filesystem !== source.filesystem)
    return `the file system is ${copy.filesystem}, of the source ${source.filesystem}`;
  if (copy.files !== source.files) return `${copy.files} files restored, the source has ${source.files}`;
  if (copy.size !== source.size)
    return `the files have ${copy.size} bytes, those of the source ${source.size}`;
  if (copy.digest !== source.digest)
    return 'a file differs in name, size, owner, time or content, though number and total size are the same';
  return undefined;
}
