import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { Execution } from '../../aws/executions.ts';
import { defined } from '../../contract/defined.ts';
import { ErrorName } from '../../contract/errors.ts';
import type { ReachedState } from '../../contract/state-after.ts';
import { stepOfState } from '../../contract/step-lookup.ts';
import { type Phase, StepName } from '../../contract/steps.ts';
import { sfn } from '../../runtime/clients.ts';
import { fetchStoredParts } from '../../runtime/run-state.ts';
import { isBesideOthers, phaseOf } from './phase.ts';

/** How an execution ended for the first time. */
export interface End {
  /** As DescribeExecution says it. */
  status: string;
  /** In milliseconds since 1970. */
  at: number;
  error?: string;
  cause?: string;
}

/** The end of an execution's history. */
export interface Trace {
  end: End;
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
 * A redrive appends to the history, and does nothing: only what stands before the first one is read.
 */
export async function readTrace(execution: Execution): Promise<Trace> {
  const { executionArn } = execution;
  let reader = new TraceReader();
  let isRedriven = (execution.redriveCount ?? 0) > 0;
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
    for (const event of page.events ?? []) {
      const redrives = event.executionRedrivenEventDetails?.redriveCount;
      if (redrives !== undefined) {
        reader = new TraceReader();
        isRedriven = redrives > 1;
      }
      const isEnough = reader.read(event);
      isRedriven ||= wasRefused(event);
      if (isEnough && !isRedriven) return fetchStoredParts(reader.trace(execution));
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return fetchStoredParts(reader.trace(execution));
}

/**
 * DescribeExecution "may not reflect very recent updates"
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html), but what a redriven execution enters by a
 * Catch names the refusal.
 */
function wasRefused({ stateEnteredEventDetails: entered }: HistoryEvent): boolean {
  return entered?.input?.includes(ErrorName.RedriveRefused) === true;
}

/** The end that an event tells of, if it does. */
function endIn({ type, timestamp, ...event }: HistoryEvent): End | undefined {
  const details =
    event.executionAbortedEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails;
  const status = /^Execution(Aborted|Failed|TimedOut)$/.exec(type ?? '')?.[1];
  if (status === undefined) return undefined;
  return {
    status: status === 'TimedOut' ? 'TIMED_OUT' : status.toUpperCase(),
    at: timestamp?.getTime() ?? 0,
    ...defined({ error: details?.error, cause: details?.cause }),
  };
}

class TraceReader {
  #end: End | undefined;
  #last: string | undefined;
  #calls = 0;
  #answers = 0;
  #state: ReachedState | undefined;
  #database: ReachedState | undefined;
  #servers: ReachedState | undefined;

  /** Takes the next older event. @returns true when no older event is needed. */
  read(event: HistoryEvent): boolean {
    const type = event.type ?? '';
    this.#end ??= endIn(event);
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

  /** @param execution as DescribeExecution says it, if the history does not tell of its end. */
  trace({ status, stopDate, error, cause }: Execution): Trace {
    return {
      end: this.#end ?? {
        status: status ?? 'unknown',
        at: stopDate?.getTime() ?? 0,
        ...defined({ error, cause }),
      },
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
