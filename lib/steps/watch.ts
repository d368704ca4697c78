import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

/** The watch only decides. It starts the state machines that stop or delete. */
export function permissions(rights: Rights): Permission[] {
  const { names, notices } = rights;
  return [
    ...rights.lookAround,
    ...notices.tell('operators'),
    rights.databaseEvents,
    allow(['states:ListExecutions'], [names.stateMachineArn(), names.startupArn()]),
    allow(['states:StartExecution'], [names.keepStoppedArn(), names.cleanUpArn()]),
    rights.read('locks', 'intent', 'runs'),
    rights.write('watch'),
  ];
}
