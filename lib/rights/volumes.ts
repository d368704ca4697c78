import { ResourceTag } from '../../functions/contract/keys.ts';
import type { ResourceNames } from '../resource-names.ts';
import { keyPermissions } from './keys.ts';
import { allow, anyResource, DESCRIBE_ONLY, type Permission } from './permission.ts';
import { NO_MARK } from './snapshot-marks.ts';

/**
 * Permissions of the volumes' function in EC2: make snapshots of the system's own servers, tagged at their creation. Which condition holds
 * for which resource of a call:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function volumePermissions(names: ResourceNames): Permission[] {
  const { files } = names.system;
  return [...snapshotPermissions(names), ...(files.backup === 'verify' ? checkPermissions(names) : [])];
}

function snapshotPermissions(names: ResourceNames): Permission[] {
  const { name } = names.system;
  const tagged = { StringEquals: { [`aws:RequestTag/${ResourceTag.System}`]: name } };
  return [
    allow(
      ['ec2:CreateSnapshots'],
      [...names.serverArns(), names.volumesArn()],
      'the volumes are those of the named servers; their ids are not known before a run',
    ),
    allow(
      ['ec2:CreateSnapshots'],
      [names.volumeSnapshotsArn()],
      'a snapshot has no id before it is made; it must carry the tag of this system',
      tagged,
    ),
    allow(['ec2:CreateTags'], [names.volumeSnapshotsArn()], 'only on a snapshot that the same call makes', {
      StringEquals: { 'ec2:CreateAction': 'CreateSnapshots' },
      ...NO_MARK,
    }),
  ];
}

/**
 * Copies of volumes: created with the tag of this system; attached, detached and deleted only with it. No volume of the CRM has the tag.
 */
function checkPermissions(names: ResourceNames): Permission[] {
  const { name } = names.system;
  const made = { StringEquals: { [`aws:RequestTag/${ResourceTag.System}`]: name } };
  const own = { StringEquals: { [`aws:ResourceTag/${ResourceTag.System}`]: name } };
  const onlyOwn = 'only with the tag of this system';
  return [
    allow(
      ['ec2:CreateVolume'],
      [names.volumesArn()],
      'a volume has no id before it is made; it must carry the tag of this system',
      made,
    ),
    allow(['ec2:CreateVolume'], [names.volumeSnapshotsArn()], onlyOwn, own),
    allow(['ec2:CreateTags'], [names.volumesArn()], 'only on a volume that the same call makes', {
      StringEquals: { 'ec2:CreateAction': 'CreateVolume' },
    }),
    allow(['ec2:AttachVolume', 'ec2:DetachVolume'], names.serverArns()),
    allow(['ec2:AttachVolume', 'ec2:DetachVolume', 'ec2:DeleteVolume'], [names.volumesArn()], onlyOwn, own),
    ...keyPermissions(names).volumes,
  ];
}

/** Permissions of the sweeper for leftover copies of volumes: see, detach and delete them. None if no run makes copies. */
export function sweepVolumePermissions(names: ResourceNames): Permission[] {
  const { name, files } = names.system;
  if (files.backup !== 'verify') return [];
  return [
    anyResource(['ec2:DescribeVolumes'], DESCRIBE_ONLY),
    allow(['ec2:DetachVolume'], names.serverArns()),
    allow(
      ['ec2:DetachVolume', 'ec2:DeleteVolume'],
      [names.volumesArn()],
      'only with the tag of this system',
      {
        StringEquals: { [`aws:ResourceTag/${ResourceTag.System}`]: name },
      },
    ),
  ];
}
