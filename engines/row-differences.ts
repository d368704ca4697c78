import type { RowDifferences } from './manifest.ts';

/** One row as it travels: its name, and a hash of its values. */
export interface Row {
  /** The row's key, or the row's place if the table has no key. */
  key: string;
  digest: string;
}

/** One side of a table, asked in buckets of keys. */
export interface RowSource {
  /** For each bucket, its number of rows and the sum of their hashes, as one text. @param count a power of two. */
  sums(count: number): Promise<Map<number, string>>;
  /** The rows of some buckets, at most `limit`. */
  rows(count: number, buckets: number[], limit: number): Promise<Row[]>;
}

export interface RowQuestion {
  /** False when rows have no key. Rows are then told apart by their hash alone. */
  named: boolean;
  /** About how many rows there are. */
  total: number;
  /** Most keys that are named. */
  limit: number;
}

export interface RowAnswer {
  rows: RowDifferences;
  /** In words: `1 missing, 2 changed`. */
  counts: string;
}

/** Rows of one bucket, about. Both sides send as many for each bucket that differs. */
const ROWS_A_BUCKET = 2_000;
const MOST_BUCKETS = 65_536;

/** Most rows that are looked at one by one. A table that differs all over is not fetched as a whole. */
const MOST_ROWS = 50_000;

/**
 * Finds the rows that differ without sending the table. Rows are put into buckets by the hash of their key, and the sums of the buckets
 * are compared. Only rows of differing buckets are compared one by one, by hash.
 */
export async function compareRows(
  source: RowSource,
  copy: RowSource,
  question: RowQuestion,
): Promise<RowAnswer> {
  const count = bucketsFor(question.total);
  const differing = count === 1 ? [0] : await differingBuckets(source, copy, count);
  const chosen = differing.slice(0, Math.max(1, Math.floor(MOST_ROWS / ROWS_A_BUCKET)));
  const [before, after] = await Promise.all([
    source.rows(count, chosen, 2 * MOST_ROWS),
    copy.rows(count, chosen, 2 * MOST_ROWS),
  ]);
  return answerOf(before, after, question, chosen.length === differing.length);
}

/** A power of two, so that a bucket is some bits of the hash. */
function bucketsFor(rows: number): number {
  return Math.min(MOST_BUCKETS, 2 ** Math.ceil(Math.log2(Math.max(1, rows / ROWS_A_BUCKET))));
}

async function differingBuckets(source: RowSource, copy: RowSource, count: number): Promise<number[]> {
  const [before, after] = await Promise.all([source.sums(count), copy.sums(count)]);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((bucket) => before.get(bucket) !== after.get(bucket))
    .sort((a, b) => a - b);
}

function answerOf(source: Row[], copy: Row[], { named, limit }: RowQuestion, all: boolean): RowAnswer {
  // Equal rows cancel out, each as often as it is on both sides. The remaining rows differ.
  const onlySource = without(source, copy, named).map((row) => row.key);
  const onlyCopy = without(copy, source, named).map((row) => row.key);
  const inCopy = new Set(onlyCopy);
  const changed = named ? [...new Set(onlySource)].filter((key) => inCopy.has(key)) : [];
  const both = new Set(changed);
  const missing = onlySource.filter((key) => !both.has(key));
  const extra = onlyCopy.filter((key) => !both.has(key));
  const words = Object.entries({ missing, extra, changed })
    .filter(([, keys]) => keys.length > 0)
    .map(([word, keys]) => `${keys.length} ${word}`);
  const counts =
    words.length === 0 ? 'the rows are equal now' : `${words.join(', ')}${all ? '' : ' at least'}`;
  return {
    rows: {
      missing: missing.slice(0, limit),
      extra: extra.slice(0, limit),
      changed: changed.slice(0, limit),
      limit,
      all: all && [missing, extra, changed].every((keys) => keys.length <= limit),
    },
    counts,
  };
}

function without(rows: Row[], others: Row[], named: boolean): Row[] {
  const identity = ({ key, digest }: Row): string => (named ? `${key} ${digest}` : digest);
  const left = new Map<string, number>();
  for (const row of others) left.set(identity(row), (left.get(identity(row)) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(identity(row)) ?? 0;
    if (count > 0) left.set(identity(row), count - 1);
    return count === 0;
  });
}
