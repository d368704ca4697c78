import type { Cut, PartManifest, TableManifest } from './manifest.ts';
import type { RowSource } from './row-differences.ts';

/** One database of one server, which is asked again about differences. */
export interface Locator {
  /** Definitions of objects, as lines of text. Each object has the same name as in the manifest. */
  definitions(objects: string[]): Promise<Map<string, string>>;
  /** SQL expression of the key that names a row. Undefined for a table without a key. */
  keyOf(table: TableManifest): Promise<string | undefined>;
  rows(table: TableManifest, question: { key: string | undefined; parts: Part[] }): RowSource;
  /** A hash of each column of the rows with these keys, by key. Two rows differ in the columns whose hashes differ. */
  columnHashes?(table: TableManifest, key: string, keys: string[]): Promise<Map<string, ColumnHash[]>>;
  /** Digests as they are now: of the parts, or of the whole table if there are no parts. */
  digests(table: TableManifest, parts: Part[]): Promise<PartManifest[]>;
  /** What went wrong, in words that quote no row. */
  describe(error: unknown): string;
  close(): Promise<void>;
}

export interface ColumnHash {
  column: string;
  hash: string;
}

/** One part of a table that is read in parts. */
export interface Part extends Cut {
  index: number;
}
