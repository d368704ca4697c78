import type { SystemConfig } from '../../functions/contract/config.ts';
import { hasHealthScripts } from '../documents/health-document.ts';
import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export const onlyWhere = ({ startup }: SystemConfig): boolean => startup.health.length > 0;

export function permissions(rights: Rights): Permission[] {
  const { names, system } = rights;
  return [
    ...(system.startup.health.some(({ sql }) => sql !== undefined) ? rights.signIn : []),
    ...(hasHealthScripts(system)
      ? [rights.command(names.documentArn(names.healthDocument)), rights.commandAnswers]
      : []),
    ...rights.files({ again: ['health.json'] }),
  ];
}
