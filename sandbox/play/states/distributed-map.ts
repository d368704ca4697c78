import type { StateDefinition, StateMachineDefinition } from '../../deployment.ts';
import { playTypeTests } from './type-tests.ts';

/** `Resource` of the state that stands before a distributed Map here: the sandbox answers it with the list from the bucket. */
export const READ_ITEMS = 'sandbox:read-items';

/** Where the interpreter finds that list: an object of the context, which the interpreter's thread fills. */
export const ITEMS_PATH = '$$.Distributed.Items';

/** Where the interpreter finds when the execution was started: by itself it says when it began, which after a redrive or in a branch is another time. */
const START_PATH = '$$.Started.At';

export interface PlayedDefinition {
  definition: StateMachineDefinition;
  /** States of iterations, which on AWS are executions of their own: their events are not in this one's history. */
  childStates: Set<string>;
  /** True for those, and for states that are not in the synthesised definition: no event of this execution is about them. */
  isElsewhere(state: string | undefined): boolean;
}

/**
 * Makes distributed Maps playable by the interpreter, which knows only inline ones: before each stands a state that reads its
 * list as the `ItemReader` says (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html), and the Map takes it from there. What
 * differs from AWS: iterations share one execution, so `$$.Execution` of an iteration is the parent's.
 */
export function playDistributedMaps(definition: StateMachineDefinition): PlayedDefinition {
  const childStates = new Set<string>();
  const hidden = new Set<string>();
  return {
    definition: playIn(withStart(playTypeTests(definition)), { childStates, hidden }),
    childStates,
    isElsewhere: (state) => state !== undefined && (childStates.has(state) || hidden.has(state)),
  };
}

function readerName(map: string): string {
  return `${map}: read the list`;
}

/** The state that stands before a distributed Map: where the Map begins, also when it begins again. */
export function readerOf({ States }: StateMachineDefinition, map: string): string | undefined {
  return readerName(map) in States ? readerName(map) : undefined;
}

function withStart(definition: StateMachineDefinition): StateMachineDefinition {
  return JSON.parse(JSON.stringify(definition).replaceAll('$$.Execution.StartTime', () => START_PATH));
}

interface Found {
  childStates: Set<string>;
  hidden: Set<string>;
}

function playIn(machine: StateMachineDefinition, found: Found): StateMachineDefinition {
  const readers = new Map<string, string>();
  for (const [name, state] of Object.entries(machine.States)) {
    for (const branch of state.Branches ?? []) playIn(branch, found);
    const processor = state.ItemProcessor;
    if (state.Type !== 'Map' || processor?.ProcessorConfig?.Mode !== 'DISTRIBUTED') continue;
    const reader = readerName(name);
    readers.set(name, reader);
    found.hidden.add(reader);
    for (const child of Object.keys(processor.States)) found.childStates.add(child);
    machine.States[reader] = {
      Type: 'Task',
      Resource: READ_ITEMS,
      Parameters: state.ItemReader?.Parameters,
      ResultPath: null,
      Next: name,
      ...(state.Catch === undefined ? {} : { Catch: state.Catch }),
    };
    delete state.ItemReader;
    state.ItemsPath = ITEMS_PATH;
  }
  redirect(machine, readers);
  return machine;
}

/** Whatever led to a Map leads to its reader. */
function redirect(machine: StateMachineDefinition, readers: Map<string, string>): void {
  const to = (name: string): string => readers.get(name) ?? name;
  const hidden = new Set(readers.values());
  machine.StartAt = to(machine.StartAt);
  for (const [name, state] of Object.entries(machine.States) as [string, StateDefinition][]) {
    if (hidden.has(name)) continue;
    if (state.Next !== undefined) state.Next = to(state.Next);
    if (state.Default !== undefined) state.Default = to(state.Default);
    for (const choice of [...(state.Choices ?? []), ...(state.Catch ?? [])]) choice.Next = to(choice.Next);
  }
}
