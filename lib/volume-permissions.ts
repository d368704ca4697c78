import { ResourceTag } from '../functions/shared/contract/keys.ts';
import { allow, type Permission } from './permission.ts';
import type { ResourceNames } from './resource-names.ts';

/**
 * What the volumes' function may do in EC2: make snapshots of the system's own servers, tagged as such at their creation. Which condition
 * holds for which resource of a call: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function volumePermissions(names: ResourceNames): Permission[] {
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
    }),
  ];
}
