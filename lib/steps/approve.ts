import type { SystemConfig } from '../../functions/contract/config.ts';
import { allow, OWN_PREFIX, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export const onlyWhere = ({ approval }: SystemConfig): boolean => approval !== undefined;

export function permissions(rights: Rights): Permission[] {
  return [
    ...rights.notices.tell('approvers'),
    allow(['s3:PutObject'], [rights.objects('approvals')], OWN_PREFIX),
    rights.read('locks', 'answers'),
    rights.list,
  ];
}
