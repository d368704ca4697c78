import { changeEvidence } from '../shared/aws/evidence.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';

/** One thing that is deleted, for the operators. */
export interface Deleted {
  runId: string;
  /** `test instance lights-out-crm-…`, `test volume vol-…`. */
  name: string;
  reason: string;
}

/** How one thing is deleted. */
export interface Deletion {
  what: Deleted;
  /** Asks for it. Answers `false` when AWS would not just now, and that is no error. */
  request(): Promise<unknown>;
  /** Whether it is still there, and nobody is deleting it. */
  isThere(): Promise<boolean>;
}

/** What `tidy/<system>/…` holds. */
interface Stored {
  deleted: Deleted[];
}

/**
 * What is deleted is noted before, and struck out when the operators were told: whoever dies in between leaves it for the next call to tell. They
 * may be told twice, never not at all.
 */
export class Untold {
  readonly #key: string;
  #deleted: Deleted[] = [];

  private constructor(key: string) {
    this.#key = key;
  }

  /** With what an earlier call did not live to tell. */
  static async of(system: string, action: string): Promise<Untold> {
    const untold = new Untold(EvidenceKey.untold(system, action));
    await untold.#change((deleted) => deleted);
    return untold;
  }

  get all(): readonly Deleted[] {
    return this.#deleted;
  }

  /**
   * Deletes. An error counts only while the thing is still there: a request whose answer was lost is refused when it is made again.
   *
   * @returns whether it is being deleted or gone.
   */
  async delete({ what, request, isThere }: Deletion): Promise<boolean> {
    await this.#change((deleted) => [...deleted.filter(({ name }) => name !== what.name), what]);
    let failure: { error: unknown } | undefined;
    try {
      if ((await request()) !== false) return true;
    } catch (error) {
      failure = { error };
    }
    if (!(await isThere())) return true;
    await this.#change((deleted) => deleted.filter(({ name }) => name !== what.name));
    if (failure !== undefined) throw failure.error;
    return false;
  }

  /** The operators have been told of all of it. */
  async told(): Promise<void> {
    const names = new Set(this.#deleted.map(({ name }) => name));
    await this.#change((deleted) => deleted.filter(({ name }) => !names.has(name)));
  }

  async #change(change: (deleted: Deleted[]) => Deleted[]): Promise<void> {
    const { value } = await changeEvidence<Stored>(this.#key, (current) => {
      const before = current?.deleted ?? [];
      const after = change(before);
      return JSON.stringify(after) === JSON.stringify(before) ? undefined : { deleted: after };
    });
    this.#deleted = value?.deleted ?? [];
  }
}
