import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';

/** A branch of a parallel state: its tasks one after the other. */
export type Branch = [name: string, seconds: number, ending?: { error?: string; end?: string }][];

/** Tells an execution's history as Step Functions would: ids that grow, each event naming the one before it in its own branch. */
export class Story {
  readonly events: HistoryEvent[] = [];
  #now: number;
  #last = 0;

  constructor(start: string) {
    this.#now = Date.parse(start);
    this.#add('ExecutionStarted');
  }

  get now(): string {
    return new Date(this.#now).toISOString();
  }

  /** A task that is called, asks for a pause, is called again, and is done. */
  loop(name: string, seconds: number): this {
    this.task(name, seconds / 2)
      .pass(`${name}: done?`, 'Choice')
      .pass(`${name}: wait`, 'Wait');
    return this.task(name, seconds / 2).pass(`${name}: done?`, 'Choice');
  }

  task(name: string, seconds: number): this {
    this.#enter(name, 'Task');
    this.#call(seconds);
    this.#exit(name, 'Task');
    return this;
  }

  /** A task that fails and whose error is caught. */
  failing(name: string, seconds: number, error: string): this {
    this.#enter(name, 'Task');
    this.#call(seconds, error);
    this.#exit(name, 'Task');
    return this;
  }

  /** A task whose first call fails and whose second one does not. */
  triedAgain(name: string, seconds: number, error: string): this {
    this.#enter(name, 'Task');
    this.#call(seconds / 2, error);
    this.#call(seconds / 2);
    this.#exit(name, 'Task');
    return this;
  }

  /** A task that is still being called. */
  calling(name: string): this {
    this.#enter(name, 'Task');
    this.#add('LambdaFunctionScheduled');
    return this;
  }

  pass(name: string, type: 'Pass' | 'Choice' | 'Wait'): this {
    this.#enter(name, type);
    this.#exit(name, type);
    return this;
  }

  /** Branches side by side; each begins at the parallel state. */
  parallel(name: string, branches: Branch[]): this {
    this.#enter(name, 'Parallel');
    this.#add('ParallelStateStarted');
    const [begun, start] = [this.#last, this.#now];
    const ends = branches.map((branch) => {
      this.#last = begun;
      this.#now = start;
      for (const [task, seconds, ending] of branch) {
        if (ending?.error === undefined) this.loop(task, seconds);
        else this.failing(task, seconds, ending.error);
        if (ending?.end !== undefined) this.pass(ending.end, 'Pass');
      }
      return { last: this.#last, now: this.#now };
    });
    this.events.sort((a, b) => (a.timestamp?.getTime() ?? 0) - (b.timestamp?.getTime() ?? 0));
    const latest = ends.toSorted((a, b) => a.now - b.now).at(-1);
    this.#last = latest?.last ?? begun;
    this.#now = latest?.now ?? start;
    this.#exit(name, 'Parallel');
    return this;
  }

  #call(seconds: number, error?: string): void {
    this.#add('LambdaFunctionScheduled');
    this.#now += seconds * 1000;
    if (error === undefined) this.#add('LambdaFunctionSucceeded');
    else this.#add('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: { error } });
  }

  #enter(name: string, type: string): void {
    this.#add(`${type}StateEntered` as HistoryEventType, { stateEnteredEventDetails: { name } });
  }

  #exit(name: string, type: string): void {
    this.#add(`${type}StateExited` as HistoryEventType, { stateExitedEventDetails: { name } });
  }

  #add(type: HistoryEventType, details: Partial<HistoryEvent> = {}): void {
    const id = this.events.length + 1;
    this.events.push({ id, previousEventId: this.#last, timestamp: new Date(this.#now), type, ...details });
    this.#last = id;
  }
}
