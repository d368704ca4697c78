import type pg from 'pg';
import { type CheckItem, runChecks, type Verdict } from '../check-runner.ts';
import type { CheckOptions, CheckResult } from '../engine.ts';
import type { CheckProblem } from '../manifest.ts';
import { prepareAmcheck } from './amcheck.ts';
import { codeOf, describePostgresError, isConnectionProblem } from './errors.ts';
import { closeQuietly } from './reading.ts';
import { tableName } from './tables.ts';

/** Blocks of a table that one statement checks: 256 MiB, which at a slow 5 MB/s is under a minute. */
const BLOCKS_A_STATEMENT = 32_768;

/** Small relations that one statement checks together. A relation is small up to its share of {@link BLOCKS_A_STATEMENT}. */
const RELATIONS_A_STATEMENT = 100;

/**
 * Largest table, in blocks (8 GiB), whose indexes are checked to point to every row. That check is one statement, which cannot be cut.
 * On a larger table only the index's own order is checked.
 */
const MOST_BLOCKS_ALL_INDEXED = 1_048_576;

type Kind = 'heap' | 'btree' | 'gin';

interface Relation extends CheckItem {
  oid: string;
  kind: Kind;
  /** Set for a slice of a large table. */
  blocks?: { from: number; to: number };
  /** False where only the index's own order can be checked. */
  allIndexed: boolean;
}

/**
 * Runs `amcheck` over one database, catalogs included. It checks every table's pages with their out-of-line values, and every B-tree
 * (GIN since PostgreSQL 18): https://www.postgresql.org/docs/current/amcheck.html
 */
export async function checkDatabase(
  connect: () => Promise<pg.Client>,
  { stopAt, checked = [], mayPrepare = false }: CheckOptions,
): Promise<CheckResult> {
  const client = await connect();
  try {
    const amcheck = await prepareAmcheck(client, mayPrepare);
    const method = `amcheck (${Object.values(amcheck.functions).join(', ')})`;
    if (Object.keys(amcheck.functions).length === 0)
      return {
        method: 'none',
        checked: [],
        complete: true,
        problems: [],
        notChecked: [{ object: 'all tables and indexes', reason: amcheck.missing ?? '' }],
      };
    const { units, notChecked } = await listUnits(client, amcheck.functions, new Set(checked));
    if (amcheck.missing !== undefined)
      notChecked.push({ object: 'some kinds of objects', reason: amcheck.missing });
    const result = await runChecks<Relation, pg.Client>({
      units,
      ...(stopAt === undefined ? {} : { stopAt }),
      connect,
      close: closeQuietly,
      check: (connection, relations) => checkTogether(connection, amcheck.schema, relations),
      isConnectionProblem,
      verdict,
    });
    return { method, ...result, notChecked: [...notChecked, ...result.notChecked] };
  } finally {
    await closeQuietly(client);
  }
}

const KINDS: Record<string, Kind> = { heap: 'heap', btree: 'btree', gin: 'gin' };

async function listUnits(client: pg.Client, functions: Partial<Record<Kind, string>>, checked: Set<string>) {
  const { rows } = await client.query<{
    oid: string;
    schema: string;
    name: string;
    owner_schema: string | null;
    owner: string | null;
    method: string;
    blocks: number;
    table_blocks: number;
  }>(
    `SELECT c.oid::text, n.nspname AS schema, c.relname AS name, a.amname AS method,
            tn.nspname AS owner_schema, t.relname AS owner,
            (coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int)::int8::float8 AS blocks,
            (coalesce(pg_relation_size(i.indrelid), 0) / current_setting('block_size')::int)::int8::float8 AS table_blocks
       FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_am a ON a.oid = c.relam
       LEFT JOIN pg_index i ON i.indexrelid = c.oid
       LEFT JOIN pg_class t ON t.reltoastrelid = coalesce(i.indrelid, c.oid) AND t.reltoastrelid <> 0
       LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
      WHERE c.relkind IN ('r', 'm', 't', 'i') AND c.relpersistence <> 't' AND coalesce(i.indisvalid AND i.indisready, true)
      ORDER BY blocks DESC, c.oid`,
  );
  const units: Relation[][] = [];
  const together: Record<Kind, Relation[]> = { heap: [], btree: [], gin: [] };
  const unknown = new Map<string, number>();
  const tooLarge: string[] = [];
  for (const row of rows) {
    const kind = KINDS[row.method];
    if (kind === undefined || functions[kind] === undefined) {
      unknown.set(row.method, (unknown.get(row.method) ?? 0) + 1);
      continue;
    }
    // The name of a table's store of out-of-line values is a number, which differs from server to server.
    const what = { heap: 'table', btree: 'B-tree', gin: 'GIN index' }[kind];
    const own =
      row.owner === null
        ? tableName(row)
        : `of the out-of-line values of ${tableName({ schema: row.owner_schema ?? '', name: row.owner })}`;
    const allIndexed = row.table_blocks <= MOST_BLOCKS_ALL_INDEXED;
    const relation: Relation = { name: `${what} ${own}`, oid: row.oid, kind, allIndexed };
    if (kind === 'btree' && !allIndexed) tooLarge.push(relation.name);
    const slices =
      kind === 'heap' && row.blocks > BLOCKS_A_STATEMENT ? slicesOf(relation, row.blocks) : undefined;
    const left = (slices ?? [relation]).filter(({ name }) => !checked.has(name));
    if (slices !== undefined || row.blocks > BLOCKS_A_STATEMENT / RELATIONS_A_STATEMENT)
      units.push(...left.map((each) => [each]));
    else together[kind].push(...left);
  }
  for (const relations of Object.values(together)) {
    for (let first = 0; first < relations.length; first += RELATIONS_A_STATEMENT)
      units.push(relations.slice(first, first + RELATIONS_A_STATEMENT));
  }
  const notChecked = [
    ...[...unknown].map(([method, count]) => ({
      object: `${count} relations of the access method "${method}"`,
      reason: 'amcheck of this server has no check for them',
    })),
    ...tooLarge.map((object) => ({
      object: `${object}: whether it points to every row`,
      reason: 'its table is larger than 8 GiB; the order within the index was checked',
    })),
  ];
  return { units, notChecked };
}

function slicesOf(relation: Relation, blocks: number): Relation[] {
  return Array.from({ length: Math.ceil(blocks / BLOCKS_A_STATEMENT) }, (_, index) => {
    const from = index * BLOCKS_A_STATEMENT;
    const to = Math.min(blocks, from + BLOCKS_A_STATEMENT) - 1;
    return { ...relation, name: `${relation.name} blocks ${from}–${to}`, blocks: { from, to } };
  });
}

/** Problems told of one table. Further ones are only counted. */
const PROBLEMS_TOLD = 5;

async function checkTogether(
  client: pg.Client,
  schema: string,
  relations: Relation[],
): Promise<CheckProblem[]> {
  const [first] = relations;
  const numbers = relations.map(({ oid }) => oid);
  if (first?.kind === 'heap') {
    const { from, to } = first.blocks ?? {};
    const { rows } = await client.query<{ oid: string; problem: string }>(
      `SELECT r.oid::text, count(*) || ' problems: ' || array_to_string((array_agg(format('block %s: %s', v.blkno, v.msg)))[1:${PROBLEMS_TOLD}], '; ') AS problem
         FROM unnest($1::oid[]) AS r (oid)
        CROSS JOIN LATERAL ${schema}.verify_heapam(r.oid::regclass, false, true, 'none', $2::bigint, $3::bigint) AS v
        GROUP BY r.oid`,
      [numbers, from ?? null, to ?? null],
    );
    const names = new Map(relations.map(({ oid, name }) => [oid, name]));
    return rows.map(({ oid, problem }) => ({ object: names.get(oid) ?? oid, problem }));
  }
  // The check of an index returns nothing. It reports damage by an error.
  const call =
    first?.kind === 'gin'
      ? `${schema}.gin_index_check(r.oid::regclass)`
      : `${schema}.bt_index_parent_check(r.oid::regclass, r.all_indexed)`;
  await client.query(`SELECT ${call} FROM unnest($1::oid[], $2::boolean[]) AS r (oid, all_indexed)`, [
    numbers,
    relations.map(({ allIndexed }) => allIndexed),
  ]);
  return [];
}

/** SQLSTATE query_canceled: the statement took longer than it may. */
const CANCELLED = '57014';
/** insufficient_privilege, undefined_table (dropped meanwhile), lock_not_available. */
const NOT_CHECKED = new Set(['42501', '42P01', '55P03', '0A000']);
/** Corruption, and errors from reading a damaged file: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DAMAGED = /^(XX|58)/;

function verdict(error: unknown): Verdict | undefined {
  const code = codeOf(error) ?? '';
  if (DAMAGED.test(code)) return { problem: describePostgresError(error) };
  if (code === CANCELLED) return { notChecked: 'its check took longer than a statement may' };
  return NOT_CHECKED.has(code) ? { notChecked: describePostgresError(error) } : undefined;
}
