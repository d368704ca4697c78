import { CONFIRM_REDRIVEN } from '../../contract/last-look.ts';
import { StepName } from '../../contract/state.ts';
import { stepOfState } from '../../contract/timeline.ts';

/** How far a run had come. It only ever goes on in this order, by one of two ways: over `past`, or over `rolling back`. */
export type Phase = 'before' | 'touched' | 'past' | 'rolling back' | 'closing';

const BEFORE: (StepName | undefined)[] = [StepName.plan, StepName.approval, StepName.announce];
const PAST: (StepName | undefined)[] = [StepName.database, StepName.servers];
const ROLLING_BACK: (StepName | undefined)[] = [
  StepName.rollbackTestInstance,
  StepName.rollbackTestVolumes,
  StepName.rollbackServices,
  StepName.rollbackMaintenance,
];

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

/** The phase of the state that was entered last. Any state that is not known here may have touched something. */
export function phaseOf(state: string | undefined): Phase {
  if (state === undefined) return 'before';
  const step = stepOfState(state);
  if (step === StepName.report) return 'closing';
  if (BEFORE.includes(step)) return 'before';
  // A redriven run looks at its source once more past the point of no return.
  if (PAST.includes(step) || state.startsWith(CONFIRM_REDRIVEN)) return 'past';
  if (ROLLING_BACK.includes(step)) return 'rolling back';
  return step === undefined ? (OTHERS[state] ?? 'touched') : 'touched';
}

/** Steps that send commands to servers: one may still be on its way when the execution has ended. */
export function sendsCommands(state: string | undefined): boolean {
  const step = state === undefined ? undefined : stepOfState(state);
  const sending: (StepName | undefined)[] = [
    StepName.drain,
    StepName.updates,
    StepName.services,
    StepName.confirmServices,
    StepName.verifyVolumes,
    StepName.rollbackServices,
    StepName.rollbackMaintenance,
  ];
  return sending.includes(step);
}

/** States with others beside them: what those did last stands further back in the history than anybody reads. */
export function runsBeside(state: string | undefined): boolean {
  const step = state === undefined ? undefined : stepOfState(state);
  const beside: (StepName | undefined)[] = [
    StepName.manifest,
    StepName.snapshot,
    StepName.volumes,
    StepName.verifyVolumes,
    StepName.testVolumes,
    ...PAST,
    ...ROLLING_BACK,
  ];
  return beside.includes(step);
}
