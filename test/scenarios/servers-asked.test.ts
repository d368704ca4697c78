import { describe, expect, it } from 'vitest';
import { EVERYTHING_ON, rehearseScenario } from '../support/rehearsals.ts';

describe('what the servers would meet', { timeout: 120_000 }, () => {
  it('is found before anybody is told: a mistyped service, what a stop takes with it, a file in the way', async () => {
    const { record, broken, exitCode, calls } = await rehearseScenario({
      faults: [
        { world: 'service-unknown', service: 'nginx', known: 'ngnix' },
        { world: 'service-has-dependents', service: 'crm-api' },
        { world: 'flag-stands' },
      ],
    });

    expect({ broken, exitCode, name: record.error?.name, unused: record.unusedFaults }).toEqual({
      broken: [],
      exitCode: 2,
      name: 'PlanRejected',
      unused: [],
    });
    const message = record.error?.message ?? '';
    expect(message).toMatch(/3 reasons not to begin, nothing was touched/);
    expect(message).toMatch(
      /service nginx on server web-1 .*the nearest name that it knows is "ngnix\.service"/,
    );
    expect(message).toMatch(/service crm-api on server app-1 .*: a stop takes crm-audit\.service with it/);
    expect(message).toMatch(/flag file \/var\/lib\/crm\/maintenance\.flag on server web-1 .*did not make/);
    expect(record.resources).toMatchObject(EVERYTHING_ON);
    expect(
      calls().filter(({ operation, function: step }) => operation === 'SendRawEmail' && step === 'announce'),
    ).toEqual([]);
  });
});
