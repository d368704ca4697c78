import type { Permission } from '../rights/permission.ts';
import type { Rights } from '../rights/rights.ts';
import { snapshotMarkPermissions } from '../rights/snapshot-marks.ts';

export function permissions(rights: Rights): Permission[] {
  const { database, names, notices, system } = rights;
  return [
    ...database.describe,
    ...database.describeCopy,
    rights.describe(
      'ec2:DescribeInstances',
      ...(system.files.backup === 'verify' ? ['ec2:DescribeVolumes'] : []),
    ),
    ...database.findSnapshot,
    ...snapshotMarkPermissions(names),
    rights.executions(
      'states:DescribeExecution',
      'states:GetExecutionHistory',
      'states:DescribeStateMachineForExecution',
    ),
    ...notices.tell('users', 'operators'),
    rights.write('durations', 'intent'),
    rights.read('requests', 'runs'),
    rights.releaseLock,
    rights.list,
    // A closing whose answer was lost is made again.
    ...rights.files({ again: ['certificate.json', 'closed.json', 'late.json', 'report.html'] }),
  ];
}
