import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systems } from '../../systems.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

/** A question whose answer is another. */
const RED = {
  name: 'never',
  sql: { database: 'crm', statement: 'SELECT 1', expect: '2' },
  deadlineMinutes: 5,
};

it('fails a scenario that ends off and cannot be brought back', { timeout: 120_000 }, async () => {
  const never = systems.map((system) => ({ ...system, startup: { ...system.startup, health: [RED] } }));

  await expect(rehearseScenario({ systems: never })).rejects.toThrow(
    /did not bring the system back: it ended as "partly-on" .*maintenance mode is on/,
  );
});

it('shows a scenario the end of its shutdown, and nothing of the start-up after it', {
  timeout: 120_000,
}, async () => {
  const { record, broughtBack, calls, aftermath, out, notices } = await rehearseScenario();

  expect(broughtBack).toMatchObject({
    action: 'startup',
    outcome: 'succeeded',
    confirmation: { equal: true },
  });
  expect(record.resources.database).toBe('stopped');
  expect(aftermath).toEqual([]);
  expect(calls().map(({ operation }) => operation)).not.toContain('StartDBInstance');
  expect(notices().map(({ event }) => event)).not.toContain('back');
  expect(existsSync(`${out}-put-away`)).toBe(false);
});

it('leaves a scenario alone that has not ended off', { timeout: 120_000 }, async () => {
  const { record, broughtBack } = await rehearseScenario({ faults: [{ world: 'snapshot-fails' }] });

  expect({ outcome: record.outcome, broughtBack }).toEqual({
    outcome: 'rolled-back',
    broughtBack: undefined,
  });
});
