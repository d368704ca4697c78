import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';
import { deletable } from '../rights/snapshot-marks.ts';
import { sweepVolumePermissions } from '../rights/volumes.ts';

export function permissions(rights: Rights): Permission[] {
  const { database, names, notices, system } = rights;
  return [
    ...rights.lookAround,
    ...notices.tell('operators'),
    ...database.describeCopy,
    ...database.deleteCopy,
    ...(system.retention === 'keep-all' ? [] : retention(rights)),
    ...sweepVolumePermissions(names),
    rights.read('locks', 'intent', 'runs'),
    rights.write('tidy'),
    ...rights.files({ again: ['retention.json'] }),
  ];
}

/**
 * Delete snapshots that the retention no longer keeps. They have both tags, which only the closing of a verified run sets:
 * `lib/rights/snapshot-marks.ts`.
 */
function retention(rights: Rights): Permission[] {
  const { database, names, system } = rights;
  return [
    ...database.findSnapshot,
    ...database.deleteSnapshot,
    ...(system.files.backup === 'none'
      ? []
      : [
          rights.describe('ec2:DescribeSnapshots'),
          allow(
            ['ec2:DeleteSnapshot'],
            [names.volumeSnapshotsArn()],
            'only with the tags of this system, and of a verified run that newer ones have superseded',
            deletable(system.name),
          ),
        ]),
  ];
}
