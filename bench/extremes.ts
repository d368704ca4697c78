import { type Pair, startPair } from './servers.ts';
import { engineOneSide, type Measured, verifyBoth } from './ways.ts';

/** A database that is extreme in one way, and what is measured of it. */
export interface Extreme {
  workload: string;
  rows: number;
  server: string;
  measured: Measured[];
}

const columns = (count: number): string =>
  Array.from({ length: count }, (_none, index) => `c${index} ${index % 2 === 0 ? 'int' : 'bool'}`).join(', ');

/** Repeats a statement in transactions of their own: each table that is made keeps a lock to the end of its transaction. */
function each(count: number, aTransaction: number, statement: string): string[] {
  const statements: string[] = [];
  for (let first = 1; first <= count; first += aTransaction) {
    const last = Math.min(count, first + aTransaction - 1);
    statements.push(
      `DO $$ BEGIN FOR i IN ${first}..${last} LOOP EXECUTE format('${statement.replaceAll("'", "''")}', i); END LOOP; END $$`,
    );
  }
  return statements;
}

const MEBIBYTE = 1024 * 1024;

const EXTREMES: { workload: string; statements: string[] }[] = [
  {
    workload: '100 tables of 1,600 columns',
    statements: [
      ...each(100, 20, `CREATE TABLE wide_%1$s (${columns(1600)})`),
      ...each(100, 20, 'INSERT INTO wide_%1$s (c0, c1598) SELECT n, n FROM generate_series(1, 20) AS n'),
    ],
  },
  {
    workload: '10,000 tables, as many indexes and views',
    statements: [
      ...each(10_000, 500, 'CREATE TABLE table_%1$s (id int PRIMARY KEY, name text, at timestamptz)'),
      ...each(10_000, 500, "INSERT INTO table_%1$s SELECT n, 'name', now() FROM generate_series(1, 5) AS n"),
      ...each(10_000, 500, 'CREATE VIEW view_%1$s AS SELECT id, name FROM table_%1$s WHERE id > 2'),
    ],
  },
  {
    workload: 'a table of 20,000 partitions',
    statements: [
      'CREATE TABLE measured (id int, name text) PARTITION BY RANGE (id)',
      ...each(
        20_000,
        500,
        'CREATE TABLE measured_%1$s PARTITION OF measured FOR VALUES FROM (%1$s) TO (%1$s + 1)',
      ),
      ...each(20_000, 2_000, "INSERT INTO measured_%1$s SELECT %1$s, 'name'"),
    ],
  },
  {
    workload: '20 rows of 100 MB',
    statements: [
      'CREATE TABLE attachment (id int PRIMARY KEY, body bytea, words text, tree jsonb)',
      // What does not compress lies on the disk as it is.
      `ALTER TABLE attachment ALTER body SET STORAGE EXTERNAL, ALTER words SET STORAGE EXTERNAL, ALTER tree SET STORAGE EXTERNAL`,
      ...each(
        20,
        1,
        `INSERT INTO attachment SELECT %1$s, CASE WHEN %1$s %% 3 = 0 THEN convert_to(repeat(md5('%1$s'), ${(100 * MEBIBYTE) / 32}), 'UTF8') END,
           CASE WHEN %1$s %% 3 = 1 THEN repeat(md5('%1$s'), ${(100 * MEBIBYTE) / 32}) END, CASE WHEN %1$s %% 3 = 2 THEN jsonb_build_array(repeat(md5('%1$s'), ${(100 * MEBIBYTE) / 32})) END`,
      ),
    ],
  },
];

/** Measures one side, as the function reads it, and both sides. */
export async function benchExtremes(): Promise<Extreme[]> {
  const found: Extreme[] = [];
  for (const { workload, statements } of EXTREMES) {
    const pair: Pair = await startPair(statements);
    try {
      const side = await engineOneSide(pair, pair.source);
      const both = await verifyBoth(pair);
      process.stderr.write(`${workload}: ${side.seconds?.toFixed(2)} s, ${both.seconds?.toFixed(2)} s\n`);
      found.push({ workload, rows: side.rows, server: pair.version, measured: [side, both] });
    } finally {
      await pair.stop();
    }
  }
  return found;
}
