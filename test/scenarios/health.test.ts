import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rehearseScenario } from '../support/rehearsals.ts';

describe('a start-up whose health checks', { timeout: 300_000 }, () => {
  it.each([
    ['are never green', { world: 'health-never-green' }, '502'],
    ['see only the maintenance page', { world: 'health-sees-maintenance-page' }, '503'],
    ['are never answered', { world: 'health-hangs' }, 'within 10 s'],
  ])('%s lets nobody in, and says what the last answer was', async (_what, fault, words) => {
    const { broken, exitCode, record, mails, notices, evidence, out } = await rehearseScenario({
      action: 'startup',
      faults: [fault],
    });

    expect({ broken, exitCode, outcome: record.outcome, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'partly-on',
      error: 'HealthNotGreen',
    });
    expect(record.unusedFaults).toEqual([]);
    // Everything is up, and the maintenance page stays.
    expect(record.resources).toMatchObject({ database: 'available', maintenance: true, locks: [] });
    expect(new Set(Object.values(record.resources.services))).toEqual(new Set(['active']));
    expect(record.backAt).toBeUndefined();
    expect(notices().map(({ event }) => event)).not.toContain('back');
    const [check] = (JSON.parse(evidence('certificate.json')) as { health: { lastAnswer: string }[] }).health;
    expect(check?.lastAnswer).toContain(words);
    expect(mails('partly-on')[0]).toContain(check?.lastAnswer);
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('not green');
    expect(report).toContain(words);
  });

  it.each([
    ['flap', { world: 'health-flaps', greens: 1, times: 3 }],
    ['are not answered at first', { world: 'health-hangs', times: 2 }],
  ])('%s lets users in once they stay green', async (_what, fault) => {
    const { broken, exitCode, record } = await rehearseScenario({ action: 'startup', faults: [fault] });

    expect({ broken, exitCode, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
      unused: [],
    });
    expect(record.resources.maintenance).toBe(false);
  });
});
