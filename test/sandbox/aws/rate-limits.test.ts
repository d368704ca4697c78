import { describe, expect, test } from 'vitest';
import type { ServiceName } from '../../../sandbox/aws/operation.ts';
import { RateLimits } from '../../../sandbox/aws/rate-limits.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import type { WorldFault } from '../../../sandbox/world/faults.ts';

/** An account whose time stands still until it is told to pass. */
function account(options: Partial<ConstructorParameters<typeof RateLimits>[0]> = {}) {
  let now = 0;
  const limits = new RateLimits({ now: () => now, ...options });
  const taken = (service: ServiceName, operation: string, calls: number, input = {}): number =>
    Array.from({ length: calls }, () => limits.take(service, operation, input)).filter(Boolean).length;
  return {
    taken,
    pass: (seconds: number): void => {
      now += seconds * 1000;
    },
  };
}

describe("an account's buckets", () => {
  // The pages are named beside the numbers in sandbox/aws/rate-limits.ts.
  test.each([
    ['rds', 'DescribeDBInstances', 300, 12],
    ['ec2', 'DescribeInstanceAttribute', 100, 20],
    ['ec2', 'DescribeInstanceStatus', 100, 20],
    ['ec2', 'CreateSnapshots', 50, 5],
    ['ec2', 'StartInstances', 5, 2],
    ['ses', 'GetSendQuota', 1, 1],
    ['states', 'StartExecution', 800, 150],
    ['states', 'DescribeExecution', 250, 10],
    ['states', 'ListExecutions', 100, 2],
    ['states', 'GetExecutionHistory', 400, 20],
  ] as const)('%s %s: %i at once, %i more a second', (service, operation, burst, perSecond) => {
    const { taken, pass } = account();

    expect(taken(service, operation, 2_000)).toBe(burst);
    pass(1);
    expect(taken(service, operation, 2_000)).toBe(perSecond);
    pass(3_600);
    expect(taken(service, operation, 2_000)).toBe(burst);
  });

  test('RDS counts all operations together, EC2 each by itself', () => {
    const { taken } = account();

    expect(taken('rds', 'DescribeDBInstances', 290) + taken('rds', 'StopDBInstance', 290)).toBe(300);
    expect(taken('ec2', 'DescribeInstances', 200) + taken('ec2', 'DescribeVolumes', 200)).toBe(200);
  });

  test('StopInstances costs a token an instance too, and a refused call costs nothing', () => {
    const { taken, pass } = account();
    const ids = (count: number) => ({ InstanceIds: Array.from({ length: count }, () => 'i-1') });

    expect(taken('ec2', 'StopInstances', 3, ids(400))).toBe(2);
    expect(taken('ec2', 'StopInstances', 1, ids(200))).toBe(1);
    pass(10);
    expect(taken('ec2', 'StopInstances', 1, ids(200))).toBe(1);
    expect(taken('ec2', 'StopInstances', 1)).toBe(0);
  });

  test('StartInstances has a bucket of instances of its own', () => {
    const { taken, pass } = account();
    const ids = (count: number) => ({ InstanceIds: Array.from({ length: count }, () => 'i-1') });

    expect(taken('ec2', 'StartInstances', 3, ids(400))).toBe(2);
    pass(10);
    expect(taken('ec2', 'StartInstances', 1, ids(221))).toBe(0);
    expect(taken('ec2', 'StartInstances', 1, ids(220))).toBe(1);
    expect(taken('ec2', 'StopInstances', 1, ids(1_000))).toBe(1);
  });

  test('mails have no bucket here: their rate is that of the account in SES', () => {
    expect(account().taken('ses', 'SendRawEmail', 5_000)).toBe(5_000);
  });
});

describe('a lowered bucket', () => {
  const lowered = (text: string) => parseFaults(`[{"world":"rate-limit",${text}}]`) as WorldFault[];

  test('stands before its operation only, says that it refused, and is gone once faults are lifted', () => {
    let refused = 0;
    let isLifted = false;
    const { taken, pass } = account({
      faults: lowered('"service":"ssm","operation":"SendCommand","burst":2,"perSecond":1'),
      onFault: () => {
        refused += 1;
      },
      isLifted: () => isLifted,
    });

    expect([taken('ssm', 'SendCommand', 2), refused]).toEqual([2, 0]);
    expect([taken('ssm', 'SendCommand', 3), refused]).toEqual([0, 3]);
    expect(taken('ssm', 'ListCommandInvocations', 50)).toBe(50);
    pass(1.5);
    expect(taken('ssm', 'SendCommand', 3)).toBe(1);
    isLifted = true;
    expect(taken('ssm', 'SendCommand', 3)).toBe(3);
  });

  test('without an operation is of all the service together', () => {
    const { taken } = account({ faults: lowered('"service":"ec2","burst":3') });

    expect(taken('ec2', 'DescribeInstances', 2) + taken('ec2', 'DescribeVolumes', 9)).toBe(3);
  });

  test('of an operation that the service does not have is refused, with the nearest name', () => {
    expect(() => lowered('"service":"ssm","operation":"SendComand"')).toThrow(/SendCommand/);
  });
});
