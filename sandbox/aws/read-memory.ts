import type { ServiceName } from './operation.ts';

/** Answers what a read answered: its output, or throws its error. */
export type Answer = () => unknown;

interface Read {
  service: ServiceName;
  run: () => Promise<unknown> | unknown;
  /** As it was before the last write of its service; undefined as long as nothing was written. */
  before?: Answer;
}

/**
 * What reads would have answered before the last write of their service, so that one can be answered stale, as AWS's eventual
 * consistency may. Every read that was made once is made again, unseen, before each write.
 */
export class ReadMemory {
  readonly #reads = new Map<string, Read>();

  /** Keeps a read, and hands out its stale answer: undefined when nothing was written since it was first made. */
  read(service: ServiceName, operation: string, input: unknown, run: Read['run']): Answer | undefined {
    const key = `${service} ${operation} ${JSON.stringify(input)}`;
    const known = this.#reads.get(key);
    if (known === undefined) this.#reads.set(key, { service, run });
    else known.run = run;
    return known?.before;
  }

  /** To be called before each write of a service. */
  async beforeWrite(service: ServiceName): Promise<void> {
    for (const read of this.#reads.values()) {
      if (read.service === service) read.before = await answerOf(read.run);
    }
  }
}

async function answerOf(run: Read['run']): Promise<Answer> {
  try {
    const output = await run();
    return () => output;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
