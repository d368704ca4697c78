import type { SystemConfig } from '../../functions/contract/config.ts';
import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export const onlyWhere = ({ updates }: SystemConfig): boolean => updates === 'install';

export function permissions(rights: Rights): Permission[] {
  const { database, names } = rights;
  return [
    rights.command(names.awsDocumentArn('AWS-RunPatchBaseline')),
    rights.commandAnswers,
    rights.describe('ssm:DescribeInstancePatchStates'),
    ...database.describe,
    ...database.maintain,
    rights.read('locks'),
    rights.list,
  ];
}
