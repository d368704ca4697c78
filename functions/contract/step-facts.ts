import type { FunctionName } from './functions.ts';

/** How far a run had come at a step. A run goes through the phases in this order, by way of either `past` or `rolling back`. */
export type Phase = 'before' | 'touched' | 'past' | 'rolling back' | 'closing';

/** A state of a workflow that calls a function. */
export interface CallingState {
  /** The English name. A helper state adds `: …`, a variant adds ` (…)`. */
  name: string;
  function: FunctionName;
  action: string;
  /** Path of the answer in the state's data. `$`: the answer is the whole state. */
  answer: string;
}

export interface StepFacts extends CallingState {
  /** The Chinese name. */
  zh: string;
  phase: Phase;
  /**
   * First guess of the duration, before there is any history: for small instances and tens of GiB. Shown as an estimate. Default: no guess.
   */
  expectedSeconds?: number;
  /**
   * The step's place in the outage. Stages follow each other, branches of a stage run in parallel. Steps of the same stage and branch
   * follow each other. Default: the step is not part of the outage.
   */
  outage?: { stage: number; branch: number };
  /** The workflow that has the step. Default: the shutdown. */
  workflow?: 'startup';
  /** Only runs with this part have the step. Default: every run. */
  partOf?: 'verification' | 'files' | 'verification of files' | 'proof of the running system';
  /** A command of this step may still be on its way to a server when the execution has ended. */
  sendsCommands?: true;
}
