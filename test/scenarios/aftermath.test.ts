import { expect, it } from 'vitest';
import { rehearseScenario } from '../support/rehearsals.ts';
import { unscheduled } from '../support/unscheduled.ts';

it('is stopped again when RDS starts it after seven days, until it is released', {
  timeout: 400_000,
}, async () => {
  const { broken, record, aftermath } = await rehearseScenario({
    systems: [unscheduled],
    after: [
      { run: {} },
      { days: 8 },
      { run: {} },
      { release: 'Monday' },
      { start: 'database' },
      { hours: 2 },
    ],
  });

  expect({ broken, outcome: record.outcome }).toEqual({ broken: [], outcome: 'succeeded' });
  const [again, week, onceMore, released, started, later] = aftermath;
  // A second shutdown finds it off and says so; no run takes its own proof for that.
  for (const run of [again, onceMore])
    expect(run).toMatchObject({
      database: 'stopped',
      mails: ['already-off'],
      run: { status: 'SUCCEEDED', outcome: 'already-off' },
    });
  // Every event was delivered twice, and every hour it was looked at: one mail for one start.
  expect(week).toMatchObject({ database: 'stopped', mails: ['kept-stopped'] });
  expect(released).toMatchObject({ database: 'stopped', mails: [] });
  expect(started).toMatchObject({ database: 'available', mails: [] });
  expect(later).toMatchObject({ database: 'available', mails: [] });
});
