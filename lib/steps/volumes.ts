import type { SystemConfig } from '../../functions/contract/config.ts';
import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';
import { volumePermissions } from '../rights/volumes.ts';

export const onlyWhere = ({ files }: SystemConfig): boolean => files.backup !== 'none';

export function permissions(rights: Rights): Permission[] {
  const { names, system } = rights;
  return [
    rights.command(names.documentArn(names.volumesDocument)),
    rights.commandAnswers,
    rights.agents,
    rights.describe(
      'ec2:DescribeSnapshots',
      ...(system.files.backup === 'verify' ? ['ec2:DescribeVolumes'] : []),
    ),
    ...volumePermissions(names),
    rights.read('locks'),
    rights.list,
    ...rights.files({
      again: ['volumes.json', 'volumes/request-*.json', 'files-source.json', 'files-verification.json'],
    }),
  ];
}
