import { MARKED, ResourceTag } from '../../functions/contract/keys.ts';
import type { ResourceNames } from '../resource-names.ts';
import { allow, anyResource, DESCRIBE_ONLY, type Permission } from './permission.ts';

/** Tags that allow deletion. Only the closing of a verified run sets them. */
const MARKS: string[] = [ResourceTag.Verified, ResourceTag.Superseded];

/** Condition for the resources that the retention may delete, by their tags. */
export const deletable = (system: string): Record<string, Record<string, string>> => ({
  StringEquals: {
    [`aws:ResourceTag/${ResourceTag.System}`]: system,
    [`aws:ResourceTag/${ResourceTag.Verified}`]: MARKED,
    [`aws:ResourceTag/${ResourceTag.Superseded}`]: MARKED,
  },
});

/**
 * Condition for a creator that tags a resource: no tag may be one that lets the retention delete it. Such a tag in the request refuses
 * the call.
 */
export const NO_MARK: Record<string, Record<string, string[]>> = {
  'ForAllValues:StringNotEquals': { 'aws:TagKeys': MARKS },
};

/**
 * Mark the snapshots of verified runs, and the snapshots that newer ones supersede. Only these two tags, only on this system's resources.
 */
export function snapshotMarkPermissions(names: ResourceNames): Permission[] {
  const { name, files, database } = names.system;
  const conditions = {
    StringEquals: { [`aws:ResourceTag/${ResourceTag.System}`]: name },
    'ForAllValues:StringEquals': { 'aws:TagKeys': MARKS },
  };
  const [action, type] =
    database.kind === 'cluster'
      ? ['rds:DescribeDBClusterSnapshots', 'cluster-snapshot']
      : ['rds:DescribeDBSnapshots', 'snapshot'];
  return [
    allow(
      [action],
      [names.databaseArn(), names.rdsArn(type, '*')],
      'a list of the snapshots of this database: which of both RDS holds it against, its documentation does not say',
    ),
    allow(
      ['rds:AddTagsToResource'],
      [names.snapshotsArn()],
      'only the marks, on this system’s snapshots',
      conditions,
    ),
    ...(files.backup === 'none'
      ? []
      : [
          anyResource(['ec2:DescribeSnapshots'], DESCRIBE_ONLY),
          allow(
            ['ec2:CreateTags'],
            [names.volumeSnapshotsArn()],
            'only the marks, on this system’s snapshots',
            conditions,
          ),
        ]),
  ];
}
