import { describe, expect, it } from 'vitest';
import { type RehearsedCall, rehearseScenario } from '../support/rehearsals.ts';
import { unscheduled } from '../support/unscheduled.ts';

/** What changes the system, by the name of its call. */
const CHANGES = /^(Start|Stop|Create|Delete|Restore|Modify|SendCommand|PutObjectLegal)/;

const changes = (calls: RehearsedCall[], since: string): string[] =>
  calls.flatMap(({ operation, at }) => (at > since && CHANGES.test(operation) ? [operation] : []));

const BY_HAND = [{ start: 'database' }, { start: 'web-1' }, { start: 'app-1' }, { start: 'worker-1' }];

describe('a start-up', { timeout: 300_000 }, () => {
  it('tells users before the promise passes that it will not hold, and later that the system is back', async () => {
    const { broken, exitCode, record, notices } = await rehearseScenario({
      action: 'cycle',
      faults: [{ world: 'database-starts-slowly', minutes: 75 }],
    });

    expect({ broken, exitCode, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
      unused: [],
    });
    const told = notices().filter(({ recipient }) => recipient === 'partners@example.com');
    expect(told.map(({ event }) => event)).toEqual(['announcement', 'reminder', 'late', 'back']);
    const [, , late, back] = told.map(({ at }) => Date.parse(at));
    const promise = Date.parse(record.promise ?? '');
    expect(late).toBeGreaterThanOrEqual(promise - 10 * 60_000);
    expect(late).toBeLessThan(promise);
    expect(back).toBeGreaterThan(promise);
  });

  it('compares nothing once servers ran, and opens when a person accepts that', async () => {
    const { broken, aftermath, evidenceOf } = await rehearseScenario({
      after: [...BY_HAND, { startup: {} }, { startup: { acceptDifferences: 'I started them to look' } }],
    });

    expect(broken).toEqual([]);
    const [refused, accepted] = aftermath.slice(BY_HAND.length);
    expect(refused).toMatchObject({
      run: { outcome: 'partly-on', error: 'DataNotConfirmed' },
      resources: { maintenance: true },
    });
    expect(accepted).toMatchObject({
      run: { outcome: 'succeeded' },
      database: 'available',
      resources: { maintenance: false, locks: [] },
    });
    expect(JSON.parse(await evidenceOf(BY_HAND.length + 1, 'certificate.json'))).toMatchObject({
      confirmation: { outcome: 'accepted', accepted: { reason: 'I started them to look' } },
    });
  });

  it('confirms and opens a system that was released and not touched', async () => {
    const { broken, aftermath, evidenceOf } = await rehearseScenario({
      after: [{ release: 'Monday' }, { startup: {} }],
    });

    expect({ broken, run: aftermath[1]?.run?.outcome }).toEqual({ broken: [], run: 'succeeded' });
    expect(aftermath[1]?.resources).toMatchObject({ maintenance: false });
    expect(JSON.parse(await evidenceOf(1, 'certificate.json'))).toMatchObject({
      confirmation: { outcome: 'equal' },
    });
  });

  it('changes nothing of a system that is on, and says so', async () => {
    const { broken, record, aftermath, calls } = await rehearseScenario({
      action: 'startup',
      after: [{ startup: {} }],
    });

    expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'succeeded' });
    expect(aftermath[0]).toMatchObject({
      run: { status: 'SUCCEEDED', outcome: 'already-on' },
      mails: ['already-on'],
    });
    expect(changes(calls(), record.endedAt)).toEqual([]);
  });

  it('as a dry run starts nothing, takes no lock and tells nobody', async () => {
    const { broken, exitCode, record, shutdown, calls, notices, broughtBack } = await rehearseScenario({
      action: 'startup',
      input: { dryRun: true },
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'planned',
    });
    expect(record.resources).toMatchObject({ database: 'stopped', maintenance: true, locks: [] });
    expect(changes(calls(), record.startedAt)).toEqual([]);
    const after = notices().filter(({ at }) => at > (shutdown?.record.endedAt ?? ''));
    expect(after).toEqual([]);
    expect(broughtBack?.confirmation).toMatchObject({ equal: true });
  });

  it('is the end of the shutdown: for days nothing stops the system again, though drift is stopped', async () => {
    const { broken, record, aftermath, calls } = await rehearseScenario({
      systems: [{ ...unscheduled, files: { backup: 'none' }, drift: 'stop' }],
      action: 'startup',
      after: [{ days: 3 }],
    });

    expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'succeeded' });
    expect(aftermath[0]).toMatchObject({
      database: 'available',
      servers: record.resources.servers,
      mails: [],
    });
    expect(changes(calls(), record.endedAt).filter((operation) => operation.startsWith('Stop'))).toEqual([]);
  });

  it('finishes what an incomplete roll back has left, and lets users in', async () => {
    const { broken, record, aftermath } = await rehearseScenario({
      faults: [{ world: 'snapshot-fails' }, { world: 'service-will-not-start' }],
      after: [{ mend: true }, { finish: true }],
    });

    expect(broken).toEqual([]);
    expect(record.error?.name).toBeDefined();
    expect(Object.values(record.resources.services)).not.toEqual(Array(5).fill('active'));
    expect(aftermath[1]?.mails).toContain('started-up');
    expect(aftermath[1]?.resources).toMatchObject({ maintenance: false, locks: [] });
    expect(new Set(Object.values(aftermath[1]?.resources.services ?? {}))).toEqual(new Set(['active']));
  });
});
