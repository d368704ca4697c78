import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  return [
    ...rights.signIn,
    rights.read('runs'),
    rights.list,
    ...rights.files({
      again: [
        'manifest-restored.json',
        'manifest-again-*.json',
        'verification.json',
        'engine-check.json',
        'last-look.json',
        'confirmation.json',
        'batches/restored*',
        'batches/again-*',
      ],
    }),
  ];
}
