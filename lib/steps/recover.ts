import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  return [
    ...rights.lookAround,
    rights.executions('states:GetExecutionHistory'),
    rights.locks,
    rights.read('runs', 'requests'),
  ];
}
