import { StepName } from '../contract/steps.ts';
import type { TimelineStep } from '../contract/timeline.ts';

/** Steps that wait for people or for a time. Their durations do not predict the next run. */
const WAITS: StepName[] = [StepName.approval, StepName.announce];

/** How long each step of a run took, in seconds, of those that say how long the next run takes. */
export function stepSeconds(steps: TimelineStep[]): Partial<Record<StepName, number>> {
  const seconds: Partial<Record<StepName, number>> = {};
  for (const step of steps) {
    if (step.endedAt === undefined || step.outcome !== 'succeeded' || WAITS.includes(step.name)) continue;
    seconds[step.name] = Math.round((Date.parse(step.endedAt) - Date.parse(step.startedAt)) / 1000);
  }
  return seconds;
}
