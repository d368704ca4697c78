import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SystemConfigInput } from '../../functions/contract/config.ts';
import { systems } from '../../systems.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

/** The database was changed between Friday and Monday: by a restore, a migration, somebody with a password. */
const CHANGED = [{ world: 'changed-while-off', table: 'public.accounts' }];
/** As PostgreSQL quotes it in the error and the mail, and HTML in the report. */
const ACCOUNTS = /"public"\."accounts"|&quot;public&quot;\.&quot;accounts&quot;|public\.accounts/;
const MIGRATION = 'the schema migration of Saturday';

describe('a system whose data changed while it was off', { timeout: 300_000 }, () => {
  it('stays shut with its servers off, names the table, and opens once a person accepts it', async () => {
    const { broken, exitCode, record, aftermath, calls, mails, notices, out, evidenceOf } =
      await rehearseScenario({
        action: 'startup',
        faults: CHANGED,
        after: [{ startup: {} }, { startup: { acceptDifferences: MIGRATION } }],
      });

    expect({ broken, exitCode, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'partly-on',
      unused: [],
    });
    expect(record.error?.name).toBe('DataChanged');
    expect(record.error?.message).toMatch(ACCOUNTS);
    expect(record.confirmation).toMatchObject({ equal: false });
    expect(record.backAt).toBeUndefined();
    // What the run had started stays: the database. No server was asked to start, and nobody was let in.
    expect(record.resources).toMatchObject({ database: 'available', maintenance: true, locks: [] });
    expect(new Set(Object.values(record.resources.servers))).toEqual(new Set(['stopped']));
    const before = calls().filter(({ at }) => at <= record.endedAt);
    expect(before.map(({ operation }) => operation)).toContain('StartDBInstance');
    expect(before.map(({ operation }) => operation)).not.toContain('StartInstances');
    const [mail = ''] = mails('partly-on');
    expect(mail).toMatch(ACCOUNTS);
    expect(mail).toContain('lights-out startup --system crm --accept-differences');
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('What differs from what was put away');
    expect(report).toMatch(ACCOUNTS);

    // Another try without a person's word ends as the first.
    const [again, accepted] = aftermath;
    expect(again?.run).toMatchObject({ outcome: 'partly-on', error: 'DataChanged' });
    expect(new Set(Object.values(again?.servers ?? {}))).toEqual(new Set(['stopped']));
    expect(accepted).toMatchObject({ run: { outcome: 'succeeded' }, resources: { maintenance: false } });
    expect(new Set(Object.values(accepted?.servers ?? {}))).toEqual(new Set(['running']));
    expect(JSON.parse(await evidenceOf(1, 'certificate.json'))).toMatchObject({
      confirmation: {
        outcome: 'accepted',
        equal: false,
        accepted: { reason: MIGRATION, by: expect.stringContaining('unknown') },
      },
    });
    expect(mails('started-up')[0]).toContain(MIGRATION);
    const users = notices().filter(({ recipient }) => recipient === 'partners@example.com');
    expect(users.map(({ event }) => event)).toEqual(['announcement', 'reminder', 'back']);
  });

  it('needs another person than who asked for the shutdown, where a second person has to approve', async () => {
    const { broken, record, aftermath, evidenceOf } = await rehearseScenario({
      systems: [approved()],
      action: 'startup',
      faults: CHANGED,
      after: [
        { startup: { acceptDifferences: MIGRATION } },
        { startup: { acceptDifferences: MIGRATION }, by: 'approver' },
      ],
    });

    expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'partly-on' });
    const [own, other] = aftermath;
    expect(own?.run).toMatchObject({ outcome: 'failed', error: 'InvalidInput' });
    expect(own?.run?.cause).toContain('expected one of approval.principals');
    expect(own).toMatchObject({ resources: { maintenance: true, locks: [] } });
    expect(new Set(Object.values(own?.servers ?? {}))).toEqual(new Set(['stopped']));
    expect(other).toMatchObject({ run: { outcome: 'succeeded' }, resources: { maintenance: false } });
    expect(JSON.parse(await evidenceOf(1, 'certificate.json'))).toMatchObject({
      confirmation: {
        outcome: 'accepted',
        accepted: { reason: MIGRATION, by: expect.stringContaining('HeadOfOperations/wang') },
      },
    });
  });
});

/** The example of `systems.ts`, where a second person has to approve. */
function approved(): SystemConfigInput {
  const [example] = systems;
  if (example === undefined) throw new Error('systems.ts holds no example');
  return {
    ...example,
    files: { backup: 'none' },
    approval: {
      approvers: [{ address: 'head-of-operations@example.com' }],
      principals: ['arn:aws:iam::123456789012:role/HeadOfOperations'],
    },
  };
}
