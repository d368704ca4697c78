import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { database, names, notices, system } = rights;
  return [
    ...rights.lookAround,
    ...notices.tell('operators'),
    ...database.stop,
    ...database.findSnapshot,
    // The servers that a person started are stopped again only if the configuration says so.
    ...(system.drift === 'stop' ? [allow(['ec2:StopInstances'], names.serverArns())] : []),
    rights.read('locks', 'runs'),
    rights.write('intent'),
  ];
}
