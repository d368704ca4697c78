import { describe, expect, it } from 'vitest';
import { SystemConfig } from '../../../functions/contract/config.ts';
import { lookAgainIn, MOST_HEALTH_LOOKS, mostLooks } from '../../../functions/contract/pacing.ts';
import { isDue, isLate, unseen, waitSeconds, withLook } from '../../../functions/steps/health/rounds.ts';
import { validateSystems } from '../../../lib/validate-systems.ts';
import {
  EVENTS_ALLOWED,
  EVENTS_BETWEEN,
  EVENTS_PLANNED,
  loopsOf,
  mostEvents,
  startupLoopsOf,
} from '../../../lib/workflows/history-budget.ts';
import { largestSystem, SHAPES } from '../../shapes.ts';
import { eventsOfStates } from '../../support/judges/history.ts';
import { type AslMachine, type AslRule, reachedFrom } from '../../support/judges/machine.ts';
import { distinctMachines } from '../../support/judges/stacks.ts';
import { synthesise } from '../../support/synthesis.ts';

/** Everything as slow as the schema lets it be. */
function slowest(): SystemConfig {
  const system = largestSystem();
  return SystemConfig.parse({
    ...system,
    drain: { ...system.drain, timeoutMinutes: 24 * 60 },
    files: { ...system.files, checkTimeoutMinutes: 24 * 60 },
    startup: {
      health: [
        {
          name: 'crm',
          tcp: { host: 'crm.example.com', port: 443 },
          intervalSeconds: 5,
          deadlineMinutes: 120,
        },
      ],
    },
    services: system.services?.map((service, index) => ({
      ...service,
      tier: 1 + (index % 99),
      timeoutSeconds: 3600,
    })),
  });
}

describe.each(['shutdown', 'startup'] as const)('the history of a %s', (kind) => {
  it('of the largest and slowest legal system stays below the limit, with room for what is not planned', () => {
    expect(mostEvents(slowest(), kind)).toBeLessThanOrEqual(EVENTS_PLANNED);
    expect(EVENTS_PLANNED).toBeLessThanOrEqual(0.9 * EVENTS_ALLOWED);
  });

  it.each(SHAPES)('of $name stays well below it', ({ system }) => {
    expect(mostEvents(SystemConfig.parse(system), kind)).toBeLessThanOrEqual(17_000);
  });
});

describe('the loops of a run', () => {
  it('of a start-up are all estimated: each Wait of its machine is one of theirs', () => {
    const machine = synthesise(slowest()).machineOf('Startup');
    const waits = Object.entries(machine.States).flatMap(([name, { Type }]) =>
      Type === 'Wait' ? [name] : [],
    );

    // The wait for the promised time happens once. The health checks are bounded by a number.
    const loops = waits.filter((name) => !/promised time|health/.test(name));
    expect(loops).toHaveLength(Object.keys(startupLoopsOf(slowest())).length);
    expect(waits).toHaveLength(loops.length + 3);
  });

  it('of a start-up look at health checks that never get green no more often than planned', () => {
    const checks = slowest().startup.health;
    const [check] = checks;
    if (check === undefined) throw new Error('no check');
    let now = Date.parse('2026-11-27T13:30:00.000Z');
    let seen = unseen(check, now);
    let looks = 0;
    for (; !isLate(check, seen, checks, now) && looks < 10_000; looks += 1) {
      if (isDue(check, seen, { now, lastRound: undefined }))
        seen = withLook(check, seen, { green: false, answer: 'refused' }, now);
      now += waitSeconds([[check, seen]], now) * 1000;
    }
    expect(looks).toBeLessThanOrEqual(MOST_HEALTH_LOOKS);
  });

  it('holds no more than 100 looks of a drain of a day, which took 4,320', () => {
    const { drain } = loopsOf(slowest());

    expect(drain).toEqual({ pauseSeconds: 20, deadlineSeconds: 24 * 3600 });
    expect(mostLooks(20, 24 * 3600)).toBeLessThan(100);
  });
});

describe('what is no loop', () => {
  it.each(distinctMachines())('of $name is within the estimate', ({ definition }) => {
    // Each state once, on the way and on the way back, as if a run passed all of them.
    for (const way of waysThrough(JSON.parse(definition) as AslMachine))
      expect(eventsOfStates(way)).toBeLessThan(EVENTS_BETWEEN);
  });
});

/** The machine as a run passes it: a run that only proves a backup goes a way of its own. */
function waysThrough(machine: AslMachine): AslMachine[] {
  const choice = machine.States['Dry run?'];
  const isProof = ({ Variable }: AslRule): boolean => Variable === '$.run.onlyProve';
  if (choice?.Choices?.some(isProof) !== true) return [machine];
  const { Default: _all, ...onlyProof } = choice;
  const ordinary = { ...choice, Choices: choice.Choices.filter((rule) => !isProof(rule)) };
  return [ordinary, onlyProof].map((changed) => {
    const States = { ...machine.States, 'Dry run?': changed };
    const reached = reachedFrom({ ...machine, States }, machine.StartAt);
    return {
      ...machine,
      States: Object.fromEntries(Object.entries(States).filter(([name]) => reached.has(name))),
    };
  });
}

describe('the pause of a loop', () => {
  it('is its own at first, and never more than a tenth of what has passed', () => {
    expect(lookAgainIn(20, 0)).toBe(20);
    expect(lookAgainIn(20, 200)).toBe(20);
    expect(lookAgainIn(20, 24 * 3600)).toBe(8640);
  });
});

describe('a system whose runs could fill their history', () => {
  it('is refused at synth, with the fields that make it so', () => {
    const system = largestSystem();
    const leadMinutes = Array.from({ length: 200 }, (_, index) => 10 + index);

    const { valid, problems } = validateSystems([{ ...system, notices: { ...system.notices, leadMinutes } }]);

    expect(valid).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^systems\[0\]: .* \d{5} events .*notices\.leadMinutes/),
    ]);
  });
});
