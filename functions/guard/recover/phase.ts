import { CONFIRM_REDRIVEN } from '../../contract/last-look.ts';
import { runsBeside, type Step, stepOfState } from '../../contract/step-lookup.ts';
import type { Phase } from '../../contract/steps.ts';

/** States of the workflow that belong to no step, by the phase they are in. */
const OTHERS: Record<string, Phase> = {
  'Is it off already?': 'before',
  'Dry run?': 'before',
  'Switch off': 'past',
  'Roll back': 'rolling back',
  'How did it end?': 'closing',
  // Of executions that began before a failed run ended in a task.
  'Run not closed': 'closing',
  'Run failed': 'closing',
  'Partly off': 'closing',
  'Lock lost': 'closing',
  'Note the redrives': 'closing',
  'End the run': 'closing',
  'What is left to do?': 'closing',
  // Until the next state is entered all is as it was closed.
  'Roll back again': 'closing',
  'Switch off again': 'closing',
  'Confirm the source again': 'closing',
  'Run succeeded': 'closing',
};

const stepOf = (state: string | undefined): Step | undefined =>
  state === undefined ? undefined : stepOfState(state);

/** The phase of the state that was entered last. Any state that is not known here may have touched something. */
export function phaseOf(state: string | undefined): Phase {
  if (state === undefined) return 'before';
  // A redriven run looks at its source once more past the point of no return.
  if (state.startsWith(CONFIRM_REDRIVEN)) return 'past';
  return stepOf(state)?.phase ?? OTHERS[state] ?? 'touched';
}

/** Steps that send commands to servers: one may still be on its way when the execution has ended. */
export const sendsCommands = (state: string | undefined): boolean => stepOf(state)?.sendsCommands === true;

/** States with others beside them: what those did last stands further back in the history than anybody reads. */
export function isBesideOthers(state: string | undefined): boolean {
  const step = stepOf(state);
  return step !== undefined && runsBeside(step);
}
