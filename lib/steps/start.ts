import type { SystemConfig } from '../../functions/contract/config.ts';
import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export const onlyWhere = ({ schedule }: SystemConfig): boolean => schedule !== undefined;

export function permissions(rights: Rights): Permission[] {
  const { names } = rights;
  return [
    allow(['states:StartExecution'], [names.stateMachineArn()]),
    allow(
      ['states:DescribeExecution'],
      [names.executionsArn()],
      'the executions of this system’s own state machine',
    ),
    rights.recordRequest,
  ];
}
