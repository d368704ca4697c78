import { STARTUP_STEPS } from './startup-steps.ts';
import { STEPS, type StepFacts, type StepName } from './steps.ts';

/** The facts of a step, with its name. */
export type Step = StepFacts & { name: StepName };

/** The shutdown's steps, in order. */
export const SHUTDOWN_STEPS: readonly Step[] = Object.values(STEPS);

/** The steps of both workflows, in order. */
export const ALL_STEPS: readonly Step[] = [...SHUTDOWN_STEPS, ...Object.values(STARTUP_STEPS)];

/** Longest names first, so that a roll back's step is not mistaken for a step whose name begins the same. */
const LONGEST_FIRST = [...ALL_STEPS].sort((a, b) => b.name.length - a.name.length);

/** The step of a state: its own, or that of a helper such as `Take snapshot: wait`. */
export function stepOfState(state: string): Step | undefined {
  return LONGEST_FIRST.find(
    ({ name }) => state === name || state.startsWith(`${name}: `) || state.startsWith(`${name} (`),
  );
}

/** Whether other steps run in parallel. */
export function runsBeside({ phase, outage, workflow }: Step): boolean {
  if (phase === 'rolling back') return true;
  return ALL_STEPS.some(
    (other) =>
      other.workflow === workflow &&
      outage !== undefined &&
      other.outage?.stage === outage.stage &&
      other.outage.branch !== outage.branch,
  );
}
