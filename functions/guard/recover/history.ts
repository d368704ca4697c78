import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { ReachedState } from '../../contract/state-after.ts';
import { stepOfState } from '../../contract/step-lookup.ts';
import { type Phase, StepName } from '../../contract/steps.ts';
import { sfn } from '../../runtime/clients.ts';
import { fetchStoredParts } from '../../runtime/run-state.ts';
import { isBesideOthers, phaseOf } from './phase.ts';

/** The end of an execution's history. */
export interface Trace {
  /** The state that was entered last; undefined when none was. */
  last: string | undefined;
  phase: Phase;
  /** A function was called and may not have answered. */
  inFlight: boolean;
  /** The run's state when it entered its last state. */
  state: ReachedState;
  /** The state in the two branches of the switching off, if the run came so far. */
  database?: ReachedState;
  servers?: ReachedState;
}

/** Events by which a called function answers or fails. */
const ANSWERED = /^(LambdaFunction|Task)(Succeeded|Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$/;
const CALLED = /^(LambdaFunction|Task)Scheduled$/;

/**
 * Reads an execution's history from its end, only as far as needed. A long history holds 25,000 events, each with some kilobytes of state.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
 */
export async function readTrace(executionArn: string): Promise<Trace> {
  const reader = new TraceReader();
  let nextToken: string | undefined;
  do {
    const page = await sfn().send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: 100,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    for (const event of page.events ?? []) if (reader.read(event)) return fetchStoredParts(reader.trace());
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return fetchStoredParts(reader.trace());
}

class TraceReader {
  #last: string | undefined;
  #calls = 0;
  #answers = 0;
  #state: ReachedState | undefined;
  #database: ReachedState | undefined;
  #servers: ReachedState | undefined;

  /** Takes the next older event. @returns true when no older event is needed. */
  read(event: HistoryEvent): boolean {
    const type = event.type ?? '';
    if (ANSWERED.test(type)) this.#answers += 1;
    if (CALLED.test(type)) this.#calls += 1;
    const name = event.stateEnteredEventDetails?.name;
    if (name === undefined) return false;
    this.#last ??= name;
    const state = stateIn(event.stateEnteredEventDetails?.input);
    if (state !== undefined) this.#keep(name, state);
    if (phaseOf(this.#last) === 'past') return name === 'Switch off';
    return this.#state !== undefined;
  }

  trace(): Trace {
    return {
      last: this.#last,
      phase: phaseOf(this.#last),
      inFlight: this.#calls > this.#answers || isBesideOthers(this.#last),
      state: this.#state ?? {},
      ...(this.#database === undefined ? {} : { database: this.#database }),
      ...(this.#servers === undefined ? {} : { servers: this.#servers }),
    };
  }

  #keep(name: string, state: ReachedState): void {
    const step = stepOfState(name)?.name;
    this.#state ??= state;
    if (step === StepName.database) this.#database ??= state;
    if (step === StepName.servers) this.#servers ??= state;
    // The state from before the two branches, which both branches hold.
    if (name === 'Switch off') this.#state = state;
  }
}

/** A state's input if it is a run's data. The input of a part of a step (a chunk, an item) is not. */
function stateIn(input: string | undefined): ReachedState | undefined {
  if (input === undefined) return undefined;
  const parsed: unknown = JSON.parse(input);
  return typeof parsed === 'object' && parsed !== null && 'run' in parsed && 'config' in parsed
    ? (parsed as ReachedState)
    : undefined;
}
