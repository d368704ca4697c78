/** Counts what was tried and what was found, by kind. */
export class Tally {
  readonly #tried = new Map<string, number>();
  #found = 0;

  /** How many were found. */
  get found(): number {
    return this.#found;
  }

  /** @param look throws when the change is not found. */
  async count(kind: string, look: () => Promise<void>): Promise<void> {
    this.#tried.set(kind, (this.#tried.get(kind) ?? 0) + 1);
    await look();
    this.#found += 1;
  }

  /** `1000 of 1000 changes found and located: 12 value of text, …`, the most frequent kinds first. */
  toString(): string {
    const kinds = [...this.#tried].sort(([, a], [, b]) => b - a);
    const tried = kinds.reduce((sum, [, count]) => sum + count, 0);
    const each = kinds.map(([kind, count]) => `${count} × ${kind}`).join(', ');
    return `${this.#found} of ${tried} changes found and located: ${each}`;
  }
}
