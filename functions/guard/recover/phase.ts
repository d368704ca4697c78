import { runsBeside, type Step, stepOfState } from '../../contract/step-lookup.ts';
import type { Phase } from '../../contract/steps.ts';

/** States of the workflow that belong to no step, with their phase. */
const OTHERS: Record<string, Phase> = {
  'Is it off already?': 'before',
  'Dry run?': 'before',
  'Switch off': 'past',
  'Roll back': 'rolling back',
  'Was anything stopped?': 'rolling back',
  'Nothing was stopped': 'rolling back',
  'How did it end?': 'closing',
  'Run not closed': 'closing',
  'Run failed': 'closing',
  'Run succeeded': 'closing',
  // In executions of earlier versions, in which a run that had failed ended in a task.
  'Note the redrives': 'closing',
  'End the run': 'closing',
};

const stepOf = (state: string | undefined): Step | undefined =>
  state === undefined ? undefined : stepOfState(state);

/** The phase of the state that was entered last. An unknown state may have touched something. */
export function phaseOf(state: string | undefined): Phase {
  if (state === undefined) return 'before';
  return stepOf(state)?.phase ?? OTHERS[state] ?? 'touched';
}

/** Steps that send commands to servers. A command may still be in flight when the execution has ended. */
export const sendsCommands = (state: string | undefined): boolean => stepOf(state)?.sendsCommands === true;

/** States in a parallel branch. The last events of the other branches stand further back in the history than CleanUp reads. */
export function isBesideOthers(state: string | undefined): boolean {
  const step = stepOf(state);
  return step !== undefined && runsBeside(step);
}
