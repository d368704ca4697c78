import { defined } from '../../functions/contract/defined.ts';
import type { AfterStep } from '../rehearsal/aftermath.ts';
import type { EndedRun } from '../rehearsal/run.ts';
import { parseFaults } from '../world/fault-injection.ts';
import type { CaseResult, SweepCase } from './case.ts';
import { judgeStartup } from './judge-startup.ts';
import type { SweepWorld } from './world.ts';

/** Long enough for what the watch does every hour to be over, in hours. */
const UNTIL_CLEANED_UP = 2.5;

/**
 * What the shutdown before it promises, in milliseconds after users are out: a clean start-up is ready some minutes before that, and waits; one that is
 * held up is late.
 */
export const PROMISED_AFTER = 145 * 60_000;

/** Why an operator accepts data that differ. */
export const ACCEPTED = 'the row was corrected on purpose';

/**
 * What comes after a start-up: everything that was broken is mended, a run that could not be closed is cleaned up after, and the system is
 * brought back once more. Data that had changed are accepted by a person.
 */
export function mendAndBringBack({ faults }: Pick<SweepCase, 'faults'>, { record }: EndedRun): AfterStep[] {
  const isChanged = faults.some((fault) => (fault as { world?: string }).world === 'changed-while-off');
  return [
    { mend: true },
    ...(record.resources.locks.length > 0 ? [{ hours: UNTIL_CLEANED_UP }] : []),
    { startup: isChanged ? { acceptDifferences: ACCEPTED } : {} },
  ];
}

/** A clean shutdown, a start-up with the case's faults, and the start-up after it, judged. */
export async function runStartup(
  world: SweepWorld,
  out: string,
  each: SweepCase,
): Promise<Omit<CaseResult, 'seconds' | 'cpuSeconds'>> {
  return await world.run(
    {
      out,
      action: 'startup',
      faults: parseFaults(JSON.stringify(each.faults)),
      input: {},
      away: PROMISED_AFTER,
      after: (ended) => mendAndBringBack(each, ended),
    },
    async (rehearsal, sandbox) => ({
      id: each.id,
      outcome: rehearsal.record.outcome,
      ...defined({ error: rehearsal.record.error?.name }),
      broken: await judgeStartup(rehearsal, sandbox, each, { out, canary: world.canary }),
      happened: sandbox.injector.unused().length === 0,
    }),
  );
}
