import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';

/** More than Step Functions keeps of one execution: it would be ended. */
export const MAXIMUM_EVENTS = 25_000;

/** Builds an execution's history in the form GetExecutionHistory answers. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #now: () => number;
  /** Id of the last event of each state that is under way: the next event of that state names it as its previous one. */
  #last = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(type: HistoryEventType, details: Partial<HistoryEvent> = {}, state?: string): void {
    const id = this.events.length + 1;
    const previous = state === undefined ? id - 1 : (this.#last.get(state) ?? id - 1);
    this.events.push({ id, previousEventId: previous, timestamp: new Date(this.#now()), type, ...details });
    if (state !== undefined) this.#last.set(state, id);
  }

  entered(state: string, type: string, input: unknown): void {
    this.#last.delete(state);
    const details = { name: state, input: JSON.stringify(input ?? {}) };
    this.add(`${type}StateEntered` as HistoryEventType, { stateEnteredEventDetails: details }, state);
  }

  exited(state: string, type: string): void {
    this.add(`${type}StateExited` as HistoryEventType, { stateExitedEventDetails: { name: state } }, state);
  }
}
