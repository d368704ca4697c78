import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { notices } = rights;
  return [
    ...notices.tell('users'),
    ...notices.pace,
    rights.read('locks'),
    rights.list,
    ...rights.files({ again: ['announcement.json', 'late.json'] }),
  ];
}
