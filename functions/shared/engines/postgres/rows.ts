import type pg from 'pg';
import type { RowDifferences, TableManifest } from '../manifest.ts';
import { FORMS, hashOf } from './digest.ts';

export interface RowQuestion {
  /** The table as SQL names it. */
  sql: string;
  method: TableManifest['method'];
  /** Expression over `t` that names a row; undefined for a table without a key. */
  key: string | undefined;
  /** Condition over `t`; empty for the whole table. */
  where: string;
  /** About how many rows there are. */
  total: number;
  /** How many keys are named at most. */
  limit: number;
}

export interface RowAnswer {
  rows: RowDifferences;
  /** In words: `1 row missing, 2 changed`. */
  counts: string;
}

/** Rows of one bucket, about: what both sides send of a bucket that differs. */
const ROWS_A_BUCKET = 2_000;
const MOST_BUCKETS = 65_536;

/** Rows that are looked at one by one, at most: a table that differs all over is not fetched as a whole. */
const MOST_ROWS = 50_000;

/**
 * Finds the rows that differ without sending the table: rows are put into buckets by the hash of their key, the buckets' sums are
 * compared, and only rows of buckets that differ are compared one by one, by hash.
 */
export async function compareRows(
  clients: readonly [pg.Client, pg.Client],
  question: RowQuestion,
): Promise<RowAnswer> {
  const count = bucketsFor(question.total);
  const differing = count === 1 ? [0] : await differingBuckets(clients, question, count);
  const chosen = differing.slice(0, Math.max(1, Math.floor(MOST_ROWS / ROWS_A_BUCKET)));
  const [source, copy] = await Promise.all(clients.map((client) => rowsOf(client, question, count, chosen)));
  const all = chosen.length === differing.length;
  return answerOf(source ?? [], copy ?? [], question, all);
}

/** A power of two, so that a bucket is some bits of the hash. */
function bucketsFor(rows: number): number {
  return Math.min(MOST_BUCKETS, 2 ** Math.ceil(Math.log2(Math.max(1, rows / ROWS_A_BUCKET))));
}

/**
 * Each row with its name, its hash and its bucket. Without a key, the row's own hash is its name, and the place where it lies is
 * what it is called.
 */
function rowsSql({ sql, method, key, where }: RowQuestion, buckets: number): string {
  const condition = where === '' ? '' : ` WHERE ${where}`;
  return `SELECT ${key === undefined ? "'ctid ' || place" : 'key'} AS key, first, second, ${key === undefined ? 'first' : 'hashtextextended(key COLLATE "C", 3)'} & ${buckets - 1} AS bucket
     FROM (SELECT ${hashOf('form', 1)} AS first, ${hashOf('form', 2)} AS second, key, place
             FROM (SELECT ${FORMS[method]} AS form, ${key ?? 'NULL::text'} AS key, t.ctid::text AS place FROM ONLY ${sql} AS t${condition} OFFSET 0) AS forms OFFSET 0) AS hashed`;
}

async function differingBuckets(
  clients: readonly [pg.Client, pg.Client],
  question: RowQuestion,
  count: number,
): Promise<number[]> {
  const sums = await Promise.all(
    clients.map(async (client) => {
      const { rows } = await client.query<{ bucket: string; sum: string }>(
        `SELECT bucket::text, concat_ws(' ', count(*), sum(first), sum(second)) AS sum FROM (${rowsSql(question, count)}) AS rows GROUP BY bucket`,
      );
      return new Map(rows.map((row) => [Number(row.bucket), row.sum]));
    }),
  );
  const [source = new Map<number, string>(), copy = new Map<number, string>()] = sums;
  return [...new Set([...source.keys(), ...copy.keys()])]
    .filter((bucket) => source.get(bucket) !== copy.get(bucket))
    .sort((a, b) => a - b);
}

interface Row {
  key: string;
  digest: string;
}

async function rowsOf(
  client: pg.Client,
  question: RowQuestion,
  count: number,
  buckets: number[],
): Promise<Row[]> {
  const { rows } = await client.query<Row>(
    `SELECT key, concat_ws(' ', first, second) AS digest FROM (${rowsSql(question, count)}) AS rows
      WHERE bucket = ANY ($1) ORDER BY key COLLATE "C", first, second LIMIT ${2 * MOST_ROWS}`,
    [buckets],
  );
  return rows;
}

function answerOf(source: Row[], copy: Row[], { key, limit }: RowQuestion, all: boolean): RowAnswer {
  // Rows that are the same on both sides go first, each as often as it is there: what is left differs.
  const missing = without(source, copy, key !== undefined);
  const extra = without(copy, source, key !== undefined);
  const extraKeys = new Set(extra.map((row) => row.key));
  const missingKeys = new Set(missing.map((row) => row.key));
  const changed = key === undefined ? [] : [...missingKeys].filter((each) => extraKeys.has(each));
  const both = new Set(changed);
  const only = (rows: Row[]): string[] => rows.map((row) => row.key).filter((each) => !both.has(each));
  const found = { missing: only(missing), extra: only(extra), changed };
  const words = [
    ...(found.missing.length > 0 ? [`${found.missing.length} missing`] : []),
    ...(found.extra.length > 0 ? [`${found.extra.length} extra`] : []),
    ...(changed.length > 0 ? [`${changed.length} changed`] : []),
  ];
  const counts =
    words.length === 0 ? 'the rows are equal now' : `${words.join(', ')}${all ? '' : ' at least'}`;
  return {
    rows: {
      missing: found.missing.slice(0, limit),
      extra: found.extra.slice(0, limit),
      changed: changed.slice(0, limit),
      limit,
      all: all && [found.missing, found.extra, changed].every((keys) => keys.length <= limit),
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
