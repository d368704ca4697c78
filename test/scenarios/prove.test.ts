import { describe, expect, it } from 'vitest';
import type { LiveComparison } from '../../functions/databases/live-comparison.ts';
import { EVERYTHING_ON, type Rehearsed, rehearseScenario, type Scenario } from '../support/rehearsals.ts';
import { unscheduled } from '../support/unscheduled.ts';

const prove = (scenario: Scenario = {}) => rehearseScenario({ input: { onlyProve: true }, ...scenario });

/** What was written meanwhile, by the evidence. */
function written(run: Rehearsed): LiveComparison['written'] {
  return (JSON.parse(run.evidence('verification.json')) as { live: LiveComparison }).live.written;
}

/** Between the first reading of the source and the snapshot, and after the snapshot. */
const BEFORE = { world: 'stray-write' };
const AFTER = { world: 'late-write', at: 'Restore test instance (running system)' };

describe('a backup of the running system', { timeout: 120_000 }, () => {
  it('is taken, restored and compared, and nobody but the operators hears of it', async () => {
    const run = await prove();
    const { record, broken, exitCode } = run;

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'proved',
    });
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(record.verification).toMatchObject({ equal: true, differences: [] });
    expect(record.snapshot).toMatchObject({ verified: true });
    expect(record.announcedAt).toBeUndefined();
    expect(written(run)).toEqual([]);
    expect([...new Set(run.notices().map(({ event }) => event))]).toEqual(['proved']);
    expect(run.mails('proved')[0]).toContain('Nothing was seen to be written to the database meanwhile.');
    const operations = new Set(run.calls().map(({ operation }) => operation));
    for (const operation of ['StopDBInstance', 'StopInstances', 'SendCommand', 'PutParameter'])
      expect(operations).not.toContain(operation);
  });

  it('may be written to after the snapshot: the backup holds the state before', async () => {
    const run = await prove({ faults: [AFTER] });

    expect(run.record).toMatchObject({ outcome: 'proved', verification: { equal: true }, unusedFaults: [] });
    expect(written(run)).toMatchObject([{ copy: 'before' }]);
    expect(run.mails('proved')[0]).toContain(
      'Written to meanwhile, and in the backup as it was before or after',
    );
  });

  it('may be written to before the snapshot: the source is read again, and the backup holds the state after', async () => {
    const run = await prove({ faults: [BEFORE] });

    expect(run.record).toMatchObject({ outcome: 'proved', verification: { equal: true }, unusedFaults: [] });
    expect(written(run)).toMatchObject([{ copy: 'after' }]);
  });

  it('names what was written to on both sides of the snapshot, and does not count it as compared', async () => {
    const clean = await prove();
    const run = await prove({ faults: [BEFORE, AFTER] });

    expect(run.record).toMatchObject({ outcome: 'proved', unusedFaults: [] });
    const [both] = written(run).filter(({ copy }) => copy === 'between');
    expect(both?.object).toMatch(/^crm: /);
    expect(run.record.verification).toMatchObject({
      equal: true,
      tables: (clean.record.verification?.tables ?? 0) - 1,
    });
    expect(run.mails('proved')[0]).toContain(`between two readings of the source: ${both?.object}`);
    const page = run.evidence('report.html');
    expect(page).toContain('written to meanwhile');
    expect(page).toContain('The backup is proved');
  });

  it('that differs where nobody wrote is not proved, the test instance is deleted, and nothing is stopped', async () => {
    const run = await prove({
      faults: [
        { ...AFTER, table: 'public.activities' },
        { world: 'corrupt-restore', table: 'public.accounts' },
      ],
    });
    const { record, broken, exitCode } = run;

    expect({ broken, exitCode, outcome: record.outcome, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'failed',
      error: 'VerificationMismatch',
    });
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(record.snapshot).toMatchObject({ verified: false });
    expect(record.error?.message).toContain('"accounts"');
    expect([...new Set(run.notices().map(({ event }) => event))]).toEqual(['not-proved']);
    expect(run.mails('not-proved')[0]).toContain('Nothing was stopped, and no user was told.');
  });

  it.each(['Plan', 'Verify restore (running system)', 'Delete test instance (running system)'])(
    'that an operator stops at "%s" leaves no test instance and no lock, and is cleaned up',
    async (at) => {
      const run = await prove({ faults: [{ world: 'operator-aborts', at }] });

      expect({ broken: run.broken, outcome: run.record.outcome }).toEqual({ broken: [], outcome: 'failed' });
      expect(run.record.resources).toMatchObject(EVERYTHING_ON);
      expect(run.mails('not-proved')[0]).toContain('RunAborted');
      expect(run.record.alarms.join()).not.toContain('CleanUpFailed');
    },
  );

  it('asks no approver, and is no shutdown for whatever comes after it', async () => {
    const approval = {
      approvers: [{ address: 'head-of-operations@example.com', language: 'en' as const }],
      principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
      timeoutMinutes: 60,
    };
    const run = await prove({
      systems: [{ ...unscheduled, approval }],
      after: [{ hours: 3 }],
    });

    expect({ broken: run.broken, outcome: run.record.outcome }).toEqual({ broken: [], outcome: 'proved' });
    // The mark of what the system is meant to be is as it was: the watch finds nothing to tell.
    expect(run.notices().map(({ event }) => event)).toEqual(['proved']);
  });

  it('of a system that is off is refused: there is nothing that runs', async () => {
    const run = await rehearseScenario({ after: [{ run: { onlyProve: true } }] });

    expect(run.record.outcome).toBe('succeeded');
    const [after] = run.aftermath;
    expect(after?.run).toMatchObject({ outcome: 'failed', error: 'PlanRejected' });
    expect(after?.resources).toMatchObject({ database: 'stopped', testInstances: [] });
  });
});
