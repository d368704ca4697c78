import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

export function permissions(rights: Rights): Permission[] {
  const { database, names, notices } = rights;
  return [
    ...rights.lookAround,
    ...notices.tell('operators'),
    ...database.stop,
    ...database.findSnapshot,
    // Servers are stopped again if the configuration says so (`drift`), or if a person asks for it (`lights-out finish`).
    allow(['ec2:StopInstances'], names.serverArns()),
    rights.read('locks', 'runs'),
    rights.write('intent'),
  ];
}
