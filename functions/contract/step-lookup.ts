import { STEPS, type StepFacts, type StepName } from './steps.ts';

/** What is known of a step, by its name. */
export type Step = StepFacts & { name: StepName };

/** All steps, in order. */
export const ALL_STEPS: readonly Step[] = Object.values(STEPS);

/** Longest names first, so that a roll back's step is not taken for the one it begins like. */
const LONGEST_FIRST = [...ALL_STEPS].sort((a, b) => b.name.length - a.name.length);

/** The step that a state belongs to: its own, or that of a helper such as `Take snapshot: wait`. */
export function stepOfState(state: string): Step | undefined {
  return LONGEST_FIRST.find(
    ({ name }) => state === name || state.startsWith(`${name}: `) || state.startsWith(`${name} (`),
  );
}

/** Whether other steps run at the same time. */
export function runsBeside({ phase, outage }: Step): boolean {
  if (phase === 'rolling back') return true;
  return ALL_STEPS.some(
    (other) =>
      outage !== undefined && other.outage?.stage === outage.stage && other.outage.branch !== outage.branch,
  );
}
