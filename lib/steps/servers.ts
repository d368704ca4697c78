import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  return [
    allow(['ec2:StopInstances'], rights.names.serverArns()),
    rights.describe('ec2:DescribeInstances'),
    rights.read('locks'),
    rights.list,
  ];
}
