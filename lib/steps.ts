import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { SystemConfig } from '../functions/contract/config.ts';

/** Functions that work after a run: they watch what is meant to be off, and clean up after a run that did not close. Each a folder below `functions/`. */
export const WATCH_STEPS = ['watch', 'keep', 'recover', 'tidy'] as const;
export type WatchStep = (typeof WATCH_STEPS)[number];

export function isWatchStep(step: string): step is WatchStep {
  return (WATCH_STEPS as readonly string[]).includes(step);
}

/** Steps, each a folder below `functions/` and a function of the stack. */
export const STEPS = [
  'plan',
  'inspect',
  'approve',
  'announce',
  'drain',
  'update',
  'services',
  'manifest',
  'snapshot',
  'volumes',
  'restore',
  'verify',
  'database',
  'servers',
  'report',
  'api',
  'start',
  ...WATCH_STEPS,
] as const;
export type Step = (typeof STEPS)[number];

/**
 * Steps that only some systems have: what is not configured is not deployed, neither its function nor its role. The comparison belongs to every
 * system, since the input of a run may ask for it where the configuration does not.
 */
const ONLY_WHERE = {
  approve: ({ approval }) => approval !== undefined,
  update: ({ updates }) => updates === 'install',
  volumes: ({ files }) => files.backup !== 'none',
  start: ({ schedule }) => schedule !== undefined,
} satisfies Partial<Record<Step, (system: SystemConfig) => boolean>>;
export type OptionalStep = keyof typeof ONLY_WHERE;

/** The steps of a system. */
export function stepsOf(system: SystemConfig): Step[] {
  const onlyWhere: Partial<Record<Step, (system: SystemConfig) => boolean>> = ONLY_WHERE;
  return STEPS.filter((step) => onlyWhere[step]?.(system) ?? true);
}

/** The functions of a system's steps. */
export type StepFunctions = Partial<Record<Step, IFunction>>;

/** @throws Error when the system does not have that step: then nothing may call it. */
export function functionOf(functions: StepFunctions, step: Step): IFunction {
  const own = functions[step];
  if (own === undefined)
    throw new Error(`step "${step}": the system does not have it (lib/steps.ts), so nothing may call it`);
  return own;
}
