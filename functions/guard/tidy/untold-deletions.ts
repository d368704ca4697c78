import { EvidenceKey } from '../../contract/keys.ts';
import { changeEvidence } from '../../runtime/evidence.ts';

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

/** `pending`: to be asked for, and not known to have been. */
interface Note extends Deleted {
  pending?: true;
}

/** What `tidy/<system>/…` holds. */
interface Stored {
  deleted: Note[];
}

/**
 * What is deleted is noted before, and struck out when the operators were told: whoever dies in between leaves it for the next call to tell. They
 * may be told twice, never not at all, and never of what was not deleted.
 */
export class Untold {
  readonly #key: string;
  #notes: Note[] = [];

  private constructor(key: string) {
    this.#key = key;
  }

  /** With what an earlier call did not live to tell. */
  static async of(system: string, action: string): Promise<Untold> {
    const untold = new Untold(EvidenceKey.untold(system, action));
    await untold.#change((notes) => notes);
    return untold;
  }

  /** What is being deleted or gone, and was not told. */
  get all(): Deleted[] {
    return this.#notes
      .filter(({ pending }) => pending !== true)
      .map(({ runId, name, reason }) => ({ runId, name, reason }));
  }

  /**
   * Deletes. An error counts only while the thing is still there: a request whose answer was lost is refused when it is made again.
   *
   * @returns whether it is being deleted or gone.
   */
  async delete({ what, request, isThere }: Deletion): Promise<boolean> {
    await this.#change((notes) => [
      ...notes.filter(({ name }) => name !== what.name),
      { ...what, pending: true },
    ]);
    let failure: { error: unknown } | undefined;
    let isAsked = false;
    try {
      isAsked = (await request()) !== false;
    } catch (error) {
      failure = { error };
    }
    // What it is seen as now may be of before: then the next call sees it gone.
    if (!isAsked && (await isThere())) {
      if (failure !== undefined) throw failure.error;
      return false;
    }
    await this.#settle(({ name }) => name === what.name);
    return true;
  }

  /**
   * Of what an earlier call was about to delete, takes for deleted what is not there any more.
   *
   * @param isMeant which of them was looked for.
   * @param there names of what is there, and not being deleted.
   */
  async seen(isMeant: (deleted: Deleted) => boolean, there: readonly string[]): Promise<void> {
    const isGone = (note: Note): boolean =>
      note.pending === true && isMeant(note) && !there.includes(note.name);
    if (this.#notes.some(isGone)) await this.#settle(isGone);
  }

  /** The operators have been told of all of it. */
  async told(): Promise<void> {
    const names = new Set(this.all.map(({ name }) => name));
    await this.#change((notes) => notes.filter(({ name, pending }) => pending === true || !names.has(name)));
  }

  async #settle(isMeant: (note: Note) => boolean): Promise<void> {
    await this.#change((notes) =>
      notes.map((note) => {
        const { pending: _no, ...deleted } = note;
        return isMeant(note) ? deleted : note;
      }),
    );
  }

  async #change(change: (notes: Note[]) => Note[]): Promise<void> {
    const { value } = await changeEvidence<Stored>(this.#key, (current) => {
      const before = current?.deleted ?? [];
      const after = change(before);
      return JSON.stringify(after) === JSON.stringify(before) ? undefined : { deleted: after };
    });
    this.#notes = value?.deleted ?? [];
  }
}
