import { EvidenceKey } from '../../contract/keys.ts';
import { changeEvidence } from '../../runtime/evidence.ts';

/** A deleted resource, as the operators are told of it. */
export interface Deleted {
  runId: string;
  /** `test instance lights-out-crm-…`, `test volume vol-…`. */
  name: string;
  reason: string;
}

/** How one thing is deleted. */
export interface Deletion {
  what: Deleted;
  /** Requests the deletion. Answers `false` when AWS refuses it for now, which is no error. */
  request(): Promise<unknown>;
  /** Tells whether the resource still exists and is not being deleted. */
  isThere(): Promise<boolean>;
}

/** `pending`: the deletion is about to be requested and is not known to have been. */
interface Note extends Deleted {
  pending?: true;
}

/** What `tidy/<system>/…` holds. */
interface Stored {
  deleted: Note[];
}

/**
 * Notes each deletion before it is requested, and strikes the note out after the operators were told. If a call is killed in between, the
 * next call tells. The operators may be told twice, but always at least once, and never of a deletion that did not happen.
 */
export class Untold {
  readonly #key: string;
  #notes: Note[] = [];

  private constructor(key: string) {
    this.#key = key;
  }

  /** Includes deletions that an earlier call was killed before telling. */
  static async of(system: string, action: string): Promise<Untold> {
    const untold = new Untold(EvidenceKey.untold(system, action));
    await untold.#change((notes) => notes);
    return untold;
  }

  /** Resources that are gone or being deleted, and were not reported. */
  get all(): Deleted[] {
    return this.#notes
      .filter(({ pending }) => pending !== true)
      .map(({ runId, name, reason }) => ({ runId, name, reason }));
  }

  /**
   * Deletes. An error counts only while the resource still exists: if an answer was lost, the repeated request is refused.
   *
   * @returns true when the resource is gone or being deleted.
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
    // AWS may still show an older state: then the next call sees the resource gone.
    if (!isAsked && (await isThere())) {
      if (failure !== undefined) throw failure.error;
      return false;
    }
    await this.#settle(({ name }) => name === what.name);
    return true;
  }

  /**
   * Counts as deleted each resource that an earlier call was about to delete and that no longer exists.
   *
   * @param isMeant tells which noted resources this call has looked for.
   * @param there names of the resources that exist and are not being deleted.
   */
  async seen(isMeant: (deleted: Deleted) => boolean, there: readonly string[]): Promise<void> {
    const isGone = (note: Note): boolean =>
      note.pending === true && isMeant(note) && !there.includes(note.name);
    if (this.#notes.some(isGone)) await this.#settle(isGone);
  }

  /** Strikes all notes out: the operators have been told. */
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
