/** What became of a state the last time it was entered. */
export interface Visit {
  /** Grows with each entry: what was entered after a Parallel state belongs to that round of it. */
  order: number;
  input: unknown;
  /** Set once it was left. */
  left?: { output: unknown };
}

/** Where an execution has been, state by state: what a redrive goes on from. */
export class Trace {
  readonly #visits = new Map<string, Visit>();
  #entries = 0;

  /** Takes an event of the interpreter's: a state was entered, or left. */
  note(state: string, { type, input, output }: { type: string; input?: unknown; output?: unknown }): void {
    if (type === 'StateEntered') {
      this.#entries += 1;
      this.#visits.set(state, { order: this.#entries, input });
    } else if (type === 'StateExited') {
      const visit = this.#visits.get(state);
      if (visit !== undefined) visit.left = { output };
    }
  }

  /** The last visit of any of these states since the entry `after`: its name and what became of it. */
  last(states: string[], after: number): [string, Visit] | undefined {
    let found: [string, Visit] | undefined;
    for (const name of states) {
      const visit = this.#visits.get(name);
      if (visit !== undefined && visit.order > (found?.[1].order ?? after)) found = [name, visit];
    }
    return found;
  }
}
