import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

/** The only function that starts the database and the servers. */
export function permissions(rights: Rights): Permission[] {
  const { database, keys, names } = rights;
  return [
    ...database.start,
    allow(['ec2:StartInstances'], names.serverArns()),
    rights.describe('ec2:DescribeInstances', 'ec2:DescribeInstanceStatus'),
    ...keys.startServers,
    rights.agents,
    rights.executions('states:DescribeExecution'),
    rights.write('locks', 'intent'),
    rights.read('requests', 'runs'),
    rights.list,
    ...rights.files({ again: ['plan.json'] }),
  ];
}
