import { hasLook } from '../documents/look-document.ts';
import { allow, type Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';

/** The plan reads everything and changes only its own lock. */
export function permissions(rights: Rights): Permission[] {
  const { database, keys, names, notices, system } = rights;
  return [
    ...database.look,
    // The snapshot of an earlier run proves a system that is off already.
    ...database.findSnapshot,
    ...keys.look,
    rights.describe(
      'rds:DescribeAccountAttributes',
      'rds:DescribeOrderableDBInstanceOptions',
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeVolumes',
      ...(system.files.backup === 'none' ? [] : ['ec2:DescribeSnapshots']),
      'ssm:DescribeInstancePatchStates',
    ),
    ...notices.look,
    ...(hasLook(system)
      ? [rights.command(names.documentArn(names.lookDocument)), rights.commandAnswers]
      : []),
    allow(['ec2:DescribeInstanceAttribute'], names.serverArns()),
    rights.agents,
    rights.executions('states:DescribeExecution'),
    rights.write('locks', 'intent'),
    rights.read('durations', 'holds', 'requests', 'runs'),
    rights.list,
    ...rights.files({ again: ['plan.json'] }),
  ];
}
