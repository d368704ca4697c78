import { MARKED, ResourceTag } from '../../functions/contract/keys.ts';
import type { ResourceNames } from '../resource-names.ts';
import { allow, anyResource, DESCRIBE_ONLY, type Permission } from './permission.ts';

/** Tags that say what may be deleted: only the closing of a verified run sets them. */
const MARKS: string[] = [ResourceTag.Verified, ResourceTag.Superseded];

/** What the retention may delete, by the tags of the resource. */
export const deletable = (system: string): Record<string, Record<string, string>> => ({
  StringEquals: {
    [`aws:ResourceTag/${ResourceTag.System}`]: system,
    [`aws:ResourceTag/${ResourceTag.Verified}`]: MARKED,
    [`aws:ResourceTag/${ResourceTag.Superseded}`]: MARKED,
  },
});

/** Whoever makes something tags it, but never so that the retention may delete it. A tag of the request that is one of the two refuses the call. */
export const NO_MARK: Record<string, Record<string, string[]>> = {
  'ForAllValues:StringNotEquals': { 'aws:TagKeys': MARKS },
};

/** To mark the snapshots of verified runs, and those that newer ones have superseded: these two tags alone, on what is this system's. */
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
