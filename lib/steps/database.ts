import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  return [...rights.database.stop, rights.read('locks'), rights.list];
}
