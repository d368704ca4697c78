import type { Cut, PartManifest, TableManifest } from './manifest.ts';
import type { RowSource } from './row-differences.ts';

/** One database of one server, asked again about what differs. */
export interface Locator {
  /** Definitions of objects as the manifest names them, as lines of text. */
  definitions(objects: string[]): Promise<Map<string, string>>;
  /** SQL expression of the key that names a row; undefined for a table without one. */
  keyOf(table: TableManifest): Promise<string | undefined>;
  rows(table: TableManifest, question: { key: string | undefined; parts: Part[] }): RowSource;
  /** A hash of each column of the rows with these keys, by key and column: in which columns do they differ? */
  columnHashes?(table: TableManifest, key: string, keys: string[]): Promise<Map<string, ColumnHash[]>>;
  /** Digests as they are now: of the parts, or of the whole table when there are none. */
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
