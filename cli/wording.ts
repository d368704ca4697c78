import { StepName } from '../functions/contract/steps.ts';
import type { TimelineStep } from '../functions/contract/timeline.ts';

/** Duration of a step in simulated time: `45 s`, `7 min`, `1 h 5 min`. */
export function span(step: Pick<TimelineStep, 'startedAt' | 'endedAt'>): string {
  const seconds = Math.max(
    0,
    Math.round((Date.parse(step.endedAt ?? step.startedAt) - Date.parse(step.startedAt)) / 1000),
  );
  return spanOf(seconds);
}

export function spanOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The last answer of a step, in a few words. */
export function detailOf(step: string, answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return '';
  const has = (key: string): string | undefined => {
    const value = (answer as Record<string, unknown>)[key];
    return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
  };
  switch (step) {
    case StepName.announce:
      return `${has('sent') ?? 0} mails sent, waiting for the announced time`;
    case StepName.drain:
      return `${has('sessions') ?? '?'} sessions open`;
    case StepName.snapshot:
      return `${has('percent') ?? 0} %`;
    case StepName.manifest:
    case StepName.verify:
      return `${has('tables') ?? 0} tables, ${Number(has('rows') ?? 0).toLocaleString('en')} rows`;
    case StepName.services:
    case StepName.rollbackServices:
      return `tier ${has('tier') ?? '?'}`;
    case StepName.database:
    case StepName.testInstance:
    case StepName.rollbackTestInstance:
      return has('state') ?? '';
    default:
      return '';
  }
}
