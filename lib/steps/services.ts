import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { names, system } = rights;
  return [
    ...(system.services.length === 0
      ? []
      : [rights.command(names.documentArn(names.serviceDocument)), rights.commandAnswers, rights.agents]),
    // The certificate tells that the run was closed.
    rights.read('locks', 'runs'),
    rights.list,
    ...rights.files({ once: ['services-before.json'] }),
  ];
}
