import type { DBInstance } from '@aws-sdk/client-rds';
import { describe, expect, it, vi } from 'vitest';
import { whyNotStoppable } from '../../../../functions/aws/rds/instance/stoppable.ts';
import {
  changesAtTheNextStart,
  clusterChangesAtTheNextStart,
} from '../../../../functions/aws/rds/next-start.ts';
import { waitForWhatPasses } from '../../../../functions/steps/plan/passing-states.ts';
import { system } from '../../fixtures.ts';

const reason = { resource: 'database crm-db', problem: 'its status is "backing-up"', remedy: 'wait' };
const waitAfter = (minutes: number, reasons: object[]) => () => {
  vi.setSystemTime('2026-11-27T14:00:00Z');
  const startedAt = new Date(Date.now() - minutes * 60_000).toISOString();
  waitForWhatPasses({ startedAt }, reasons as never);
};

describe('what passes by itself', () => {
  it('is waited for, half an hour at most', () => {
    const passing = [{ ...reason, passes: true }];
    expect(waitAfter(0, passing)).toThrow(/backing-up.*Nothing was touched/);
    expect(waitAfter(29, passing)).toThrow(expect.objectContaining({ name: 'NotSettledYet' }));
    expect(waitAfter(30, passing)).not.toThrow();
  });

  it('is not waited for beside a reason that stays: a run that cannot begin says so soon', () => {
    expect(waitAfter(0, [{ ...reason, passes: true }, reason])).not.toThrow();
    expect(waitAfter(0, [])).not.toThrow();
  });

  it.each([
    ['backing-up', true],
    ['storage-optimization', true],
    ['starting', true],
    ['stopped', undefined],
    ['storage-full', undefined],
    ['inaccessible-encryption-credentials-recoverable', undefined],
    ['a status that RDS has yet to invent', undefined],
  ])('is a database that is %s: %s', (DBInstanceStatus, passes) => {
    const instance: DBInstance = { DBInstanceStatus, Engine: 'postgres' };

    const [finding] = whyNotStoppable(instance, system());

    expect(finding?.problem).toContain(DBInstanceStatus);
    expect(finding?.passes).toBe(passes);
  });
});

describe('what the next start of a database changes', () => {
  it('is said: parameters that wait for it, and a public address', () => {
    const groups = [
      { DBParameterGroupName: 'crm-16', ParameterApplyStatus: 'pending-reboot' },
      { DBParameterGroupName: 'other', ParameterApplyStatus: 'in-sync' },
    ];
    expect(changesAtTheNextStart({ DBParameterGroups: groups, PubliclyAccessible: true })).toEqual([
      expect.stringMatching(/crm-16 .*pending-reboot/),
      expect.stringMatching(/public address/),
    ]);
    expect(changesAtTheNextStart({ DBParameterGroups: groups.slice(1) })).toEqual([]);
  });

  it('is said of a cluster once, whatever number of members wait', () => {
    const member = { DBClusterParameterGroupStatus: 'pending-reboot' };
    expect(
      clusterChangesAtTheNextStart({
        DBClusterParameterGroup: 'aurora-16',
        DBClusterMembers: [member, member],
      }),
    ).toEqual([expect.stringMatching(/aurora-16/)]);
    expect(clusterChangesAtTheNextStart({ DBClusterMembers: [{}] })).toEqual([]);
  });
});
