import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { notices, system } = rights;
  return [
    // Operators hear of an emergency.
    ...(system.emergency === undefined ? notices.tell('users') : notices.tell('users', 'operators')),
    ...notices.pace,
    rights.read('holds', 'locks'),
    rights.list,
    ...rights.files({ again: ['announcement.json', 'late.json'] }),
  ];
}
