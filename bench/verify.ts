import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { benchExtremes } from './extremes.ts';
import { startPair } from './servers.ts';
import { dump, engineOneSide, type Measured, reladiff, statement, verifyBoth } from './ways.ts';

export interface BenchOptions {
  rows: number;
  tables: number;
  /** Databases that are extreme in one way, in place of the two of every day. */
  extremes: boolean;
  json: string | undefined;
}

/** Columns of the CRM's table, beside its key. */
const COLUMNS = [
  'account_id',
  'name',
  'email',
  'stage',
  'amount',
  'probability',
  'created_at',
  'closes_on',
  'note',
  'owner_id',
  'active',
];

function crmTable(rows: number): string[] {
  return [
    `CREATE TABLE opportunity (id bigint, account_id int, name text, email text, stage varchar(20), amount numeric(12,2),
       probability float8, created_at timestamptz, closes_on date, note text, owner_id int, active boolean)`,
    `INSERT INTO opportunity SELECT i, i % 100000, 'Opportunity ' || i, 'user' || i % 5000 || '@example.com', (ARRAY['new','won','lost'])[i % 3 + 1],
       (i % 1000000) / 100.0, (i % 100) / 100.0, '2020-01-01'::timestamptz + i * interval '1 minute', '2020-01-01'::date + i % 3000,
       CASE WHEN i % 4 = 0 THEN NULL ELSE 'note of ' || i END, i % 300, i % 2 = 0 FROM generate_series(1, ${rows}) AS i`,
    'ALTER TABLE opportunity ADD PRIMARY KEY (id)',
    'VACUUM ANALYZE opportunity',
  ];
}

function manyTables(count: number): string[] {
  return [
    `DO $$ BEGIN FOR i IN 1..${count} LOOP
       EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now())', i);
       EXECUTE format('INSERT INTO t%s SELECT n, ''name '' || n, ''2026-01-01'' FROM generate_series(1, 50) AS n', i);
     END LOOP; END $$`,
  ];
}

interface Result {
  workload: string;
  rows: number;
  server: string;
  measured: Measured[];
}

/** Measures, prints a table, and writes JSON when asked to. */
export async function benchVerify(options: BenchOptions): Promise<void> {
  const results = options.extremes ? await benchExtremes() : await benchUsual(options);
  for (const result of results) print(result);
  const report = { at: new Date().toISOString(), processors: availableParallelism(), results };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

/** One large table, and a schema of many small ones. Each way is run once to warm up, and the better of two more counts. */
async function benchUsual(options: BenchOptions): Promise<Result[]> {
  const results: Result[] = [];
  const large = await startPair(crmTable(options.rows));
  const { version: server } = large;
  try {
    const measured = [
      await best(() => statement(large.source, 'count(*), the limit', 'SELECT count(*) FROM opportunity')),
      await best(() =>
        statement(
          large.source,
          'one statement, record_send hashed, parallel workers',
          `SELECT count(*), sum(hash_array_extended(ARRAY[record_send(t.*)], 1)) FROM opportunity AS t`,
        ),
      ),
      await best(() =>
        statement(
          large.source,
          'one statement, md5(t::text)',
          `SELECT count(*), sum(('x' || left(md5(t::text), 16))::bit(64)::bigint) FROM opportunity AS t`,
        ),
      ),
      await best(() => engineOneSide(large, large.source)),
      await best(() => dump(large, [large.source])),
      await best(() => verifyBoth(large)),
      await best(() => dump(large, [large.source, large.copy])),
      await best(() => reladiff(large, 'opportunity', COLUMNS)),
    ];
    results.push({ workload: 'one table of 12 columns', rows: options.rows, server, measured });
  } finally {
    await large.stop();
  }
  const many = await startPair(manyTables(options.tables));
  try {
    const measured = [
      await best(() => engineOneSide(many, many.source)),
      await best(() => dump(many, [many.source])),
      await best(() => verifyBoth(many)),
      await best(() => dump(many, [many.source, many.copy])),
    ];
    results.push({
      workload: `${options.tables} tables of 50 rows`,
      rows: options.tables * 50,
      server,
      measured,
    });
  } finally {
    await many.stop();
  }
  return results;
}

async function best<Kind extends Measured>(measure: () => Promise<Kind>): Promise<Kind> {
  let found = await measure();
  process.stderr.write(`${found.way}: ${found.seconds?.toFixed(2) ?? found.note}\n`);
  for (let again = 0; again < 2 && found.seconds !== undefined && found.seconds < 120; again += 1) {
    const next = await measure();
    if ((next.seconds ?? Number.POSITIVE_INFINITY) < (found.seconds ?? 0)) found = next;
  }
  return found;
}

function print({ workload, rows, server, measured }: Result): void {
  const own = {
    1: measured.find((each) => each.way.startsWith('Lights Out'))?.seconds,
    2: measured.find((each) => each.way === 'lights-out verify')?.seconds,
  };
  const lines = measured.map(({ way, seconds, sides, statements, memoryMebibytes, note }) => {
    if (seconds === undefined) return `${way.padEnd(54)} ${note ?? ''}`;
    const ratio = (seconds / (own[sides] ?? Number.NaN)).toFixed(2);
    const rate = Math.round((rows * sides) / seconds).toLocaleString('en');
    return `${way.padEnd(54)} ${seconds.toFixed(2).padStart(8)} s ${rate.padStart(12)} rows/s  ${ratio.padStart(6)}  ${String(statements ?? '').padStart(6)} ${String(memoryMebibytes ?? '').padStart(6)}`;
  });
  process.stdout.write(
    [
      '',
      `${workload}, ${rows.toLocaleString('en')} rows, ${server}, ${availableParallelism()} processors`,
      `${'way'.padEnd(54)} ${'time'.padStart(10)} ${'rate'.padStart(19)}  ${'× ours'.padStart(6)}  ${'stmts'.padStart(6)} ${'MiB'.padStart(6)}`,
      ...lines,
      '',
    ].join('\n'),
  );
}
