import type { SystemConfig } from '../../functions/contract/config.ts';
import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export const onlyWhere = ({ schedule }: SystemConfig): boolean => schedule !== undefined;

/** The planner only decides and starts the state machines. */
export function permissions(rights: Rights): Permission[] {
  const { names, notices } = rights;
  return [
    allow(['states:StartExecution'], [names.stateMachineArn(), names.startupArn()]),
    rights.executions('states:DescribeExecution'),
    ...notices.tell('operators'),
    rights.read('locks', 'intent', 'runs', 'durations', 'holds'),
    rights.write('schedule'),
    rights.recordRequest,
    rights.list,
  ];
}
