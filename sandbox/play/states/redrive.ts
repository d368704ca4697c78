import { AwsError } from '../../aws/operation.ts';
import type { StateDefinition, StateMachineDefinition } from '../../deployment.ts';
import { readerOf } from './distributed-map.ts';
import { MAXIMUM_EVENTS } from './history.ts';
import type { Trace } from './trace.ts';

/** An execution is redrivable for so long after it ended, in milliseconds. */
const REDRIVABLE = 14 * 24 * 3600_000;

/** Client tokens that are remembered, and for how long after their first use, in milliseconds. */
const TOKENS = 10;
const TOKEN_AGE = 15 * 60_000;

/** What RedriveExecution looks at. */
export interface Redrivable {
  /** As DescribeExecution says it. */
  status: string;
  endedAt?: number;
  history: { events: readonly unknown[] };
}

/** Why an execution cannot be redriven just now, in the words of `redriveStatusReason`; undefined when it can. */
export function notRedrivable({ status, endedAt, history }: Redrivable, now: number): string | undefined {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  // Room for the event of the redrive itself and one more.
  if (history.events.length >= MAXIMUM_EVENTS - 1) return 'Execution history event limit exceeded';
  return now - (endedAt ?? now) > REDRIVABLE ? 'Execution redrivable period exceeded' : undefined;
}

/**
 * The redrives of one execution: https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export class Redrives {
  count = 0;
  /** When the last one was asked for, in milliseconds of simulated time. */
  at: number | undefined;
  readonly #tokens: { token: string; at: number }[] = [];

  /**
   * Begins one.
   *
   * @returns false when a call with this token has done so already.
   * @throws AwsError `ExecutionNotRedrivable`.
   */
  begin(execution: Redrivable, token: string | undefined, now: number): boolean {
    const known = this.#tokens.find((each) => each.token === token && now - each.at <= TOKEN_AGE);
    if (known !== undefined) return false;
    const reason = notRedrivable(execution, now);
    if (reason !== undefined) throw new AwsError('ExecutionNotRedrivable', reason);
    this.count += 1;
    this.at = now;
    if (token !== undefined) this.#tokens.push({ token, at: now });
    if (this.#tokens.length > TOKENS) this.#tokens.shift();
    return true;
  }
}

/** A definition that begins where an execution had ended. */
export interface Resumed {
  definition: StateMachineDefinition;
  input: unknown;
  /** States that go on: they were entered before, so that their first entry now is none. */
  goOn: Set<string>;
  /** States of this definition under the names that the synthesised one has for them; `undefined` for those it does not have. */
  names: Map<string, string | undefined>;
}

/**
 * Makes the interpreter, which always begins at `StartAt`, go on as a redrive does: at the state that was entered and not left, with its input.
 * Of a Parallel state only the branches that had not come to their end go on, each from its own such state; the others answer what they
 * had answered (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
 * Other than on AWS, a Map goes through all of its items again, and an execution that was stopped just between two states repeats the first of them.
 *
 * @param definition as the interpreter plays it, unchanged.
 */
export function resume(definition: StateMachineDefinition, trace: Trace, input: unknown): Resumed {
  const goOn = new Set<string>();
  const names = new Map<string, string | undefined>();
  const machine = structuredClone(definition);
  const from = unfinished(machine, 0);
  if (from === undefined) return { definition: machine, input, goOn, names };
  machine.StartAt = entry(machine, from.state, from.order);
  return { definition: machine, input: from.input, goOn, names };

  /** The name of the state to begin with, so that `state` goes on. */
  function entry(within: StateMachineDefinition, state: string, order: number): string {
    goOn.add(state);
    const reader = readerOf(within, state);
    if (reader !== undefined) return reader;
    const found = within.States[state];
    if (found?.Branches === undefined) return state;
    // A state of its own: when the run comes to the Parallel state again, it begins that one anew.
    const name = `${state} (redriven)`;
    names.set(name, state);
    within.States[name] = {
      ...found,
      Branches: found.Branches.map((branch, index) => resumeBranch(branch, `${state} [${index}]`, order)),
    };
    return name;
  }

  function resumeBranch(branch: StateMachineDefinition, name: string, after: number): StateMachineDefinition {
    const last = trace.last(Object.keys(branch.States), after);
    if (last === undefined) return branch;
    const [state, { left }] = last;
    names.set(name, undefined);
    const copy = structuredClone(branch);
    if (left !== undefined && isEnd(copy.States[state])) {
      return { StartAt: name, States: { [name]: { Type: 'Pass', Result: left.output, End: true } } };
    }
    const [, { input: given, order }] = last;
    copy.States[name] = { Type: 'Pass', Result: given, Next: entry(copy, state, order) };
    return { ...copy, StartAt: name };
  }

  function unfinished(
    { States }: StateMachineDefinition,
    after: number,
  ): { state: string; input: unknown; order: number } | undefined {
    const last = trace.last(Object.keys(States), after);
    return last === undefined ? undefined : { state: last[0], input: last[1].input, order: last[1].order };
  }
}

function isEnd(state: StateDefinition | undefined): boolean {
  return state?.End === true || state?.Type === 'Succeed';
}
