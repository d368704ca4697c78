import { describe, expect, it } from 'vitest';
import { rehearseScenario } from '../support/rehearsals.ts';

const SERVER = 'i-0b1c2d3e4f5061728';
const events = (notices: { event: string; recipient: string }[]): string[] =>
  notices.filter(({ recipient }) => recipient === 'partners@example.com').map(({ event }) => event);

describe('a server for which EC2 has no room', { timeout: 300_000 }, () => {
  it('is asked for again until there is some, and users come in a few minutes later', async () => {
    const { broken, exitCode, record, calls, notices } = await rehearseScenario({
      action: 'startup',
      faults: [{ world: 'no-capacity', server: 'app-1', minutes: 10 }],
    });

    expect({ broken, exitCode, outcome: record.outcome, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
      unused: [],
    });
    expect(record.resources).toMatchObject({ servers: { [SERVER]: 'running' }, maintenance: false });
    const asked = calls().filter(
      ({ operation, resources }) =>
        operation === 'StartInstances' && resources.some((name) => name.includes(SERVER)),
    );
    expect(asked.length).toBeGreaterThan(2);
    expect(events(notices())).toEqual(['announcement', 'reminder', 'back']);
  });

  it('makes the return late when there is none at the promised time: users are told before, and when it is back', async () => {
    const { broken, exitCode, record, notices, mails } = await rehearseScenario({
      action: 'cycle',
      faults: [{ world: 'no-capacity', server: 'app-1', minutes: 52 }],
    });

    expect({ broken, exitCode, outcome: record.outcome }).toEqual({
      broken: [],
      exitCode: 0,
      outcome: 'succeeded',
    });
    expect(events(notices())).toEqual(['announcement', 'reminder', 'late', 'back']);
    const late = notices().find(({ event }) => event === 'late');
    expect(Date.parse(late?.at ?? '')).toBeLessThan(Date.parse(record.promise ?? ''));
    expect(Date.parse(record.backAt ?? '')).toBeGreaterThan(Date.parse(record.promise ?? ''));
    expect(mails('started-up')[0]).toMatch(/Kept: .+ later than promised/);
  });

  it('is named when there never is any: the others are up, nobody is let in, and the next start-up compares nothing again', async () => {
    const { broken, exitCode, record, aftermath, calls, notices, mails } = await rehearseScenario({
      action: 'cycle',
      faults: [{ world: 'no-capacity', server: 'app-1' }],
      after: [{ mend: true }, { startup: {} }],
    });

    expect({ broken, exitCode, outcome: record.outcome, error: record.error?.name }).toEqual({
      broken: [],
      exitCode: 1,
      outcome: 'partly-on',
      error: 'ServerDidNotStart',
    });
    expect(record.error?.message).toContain(`server app-1 (${SERVER})`);
    expect(record.error?.message).toContain('InsufficientInstanceCapacity');
    const { servers, services, maintenance } = record.resources;
    expect(servers).toMatchObject({ [SERVER]: 'stopped' });
    expect(Object.values(servers).filter((state) => state === 'running')).toHaveLength(2);
    expect(Object.values(services).filter((state) => state === 'active')).toHaveLength(4);
    expect(maintenance).toBe(true);
    expect(mails('partly-on')[0]).toContain('app-1');

    const [, second] = aftermath;
    expect(second).toMatchObject({ run: { outcome: 'succeeded' }, resources: { maintenance: false } });
    expect(new Set(Object.values(second?.servers ?? {}))).toEqual(new Set(['running']));
    // Users heard once that it is late, and once that it is back, whichever of the two runs told them.
    expect(events(notices())).toEqual(['announcement', 'reminder', 'late', 'back']);
    // The second start-up relies on the first one's comparison: servers may have written since.
    const manifests = calls().filter(
      ({ operation, at, function: of }) =>
        of === 'verify' && operation === 'GetSecretValue' && at > record.endedAt,
    );
    expect(manifests).toEqual([]);
    expect(second?.run?.status).toBe('SUCCEEDED');
  });
});
