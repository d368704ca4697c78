import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { names, system } = rights;
  return [
    ...rights.signIn,
    ...(system.maintenance === undefined
      ? []
      : [rights.command(names.documentArn(names.maintenanceDocument)), rights.commandAnswers, rights.agents]),
    // The certificate tells that the run was closed.
    rights.read('locks', 'runs'),
    rights.list,
  ];
}
