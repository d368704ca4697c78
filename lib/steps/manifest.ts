import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  return [
    ...rights.signIn,
    rights.list,
    ...rights.files({ again: ['manifest-source.json', 'batches/source*'] }),
  ];
}
