import type pg from 'pg';
import { LightsOutError } from '../../contract/errors.ts';
import {
  type DatabaseManifest,
  type Difference,
  type Manifest,
  objectName,
  type TableManifest,
} from '../manifest.ts';
import { quoteIdentifier } from './connection.ts';
import { digestUnit, inPart } from './digest.ts';
import { describePostgresError } from './errors.ts';
import { compareRows } from './rows.ts';
import { differencesOfDefinitions } from './schema-diff.ts';

/** One of the two servers, to be asked again. */
export interface Side {
  manifest: Manifest;
  /** Makes a read-only connection to the database of this name in the manifest. */
  connect(database: string): Promise<pg.Client>;
}

export interface LocateOptions {
  source: Side;
  copy: Side;
  /** How many keys a difference names at most. Default 20. */
  keys?: number;
  /** How many tables are looked into at most. Default 20. */
  tables?: number;
  /** Begin no other table when this time (milliseconds since the epoch) has passed. Default: never. */
  stopAt?: number;
}

const KEYS = 20;
const TABLES = 20;

/**
 * Looks up what exactly is different: which rows of a table, by their keys, and which lines of a definition. Both databases are read
 * again, only where they differ. What cannot be looked up any more is said in the difference's `detail`: the differences
 * themselves stand.
 */
export async function locateDifferences(
  differences: Difference[],
  options: LocateOptions,
): Promise<Difference[]> {
  const located = new Map<Difference, Difference>();
  for (const database of options.source.manifest.databases) {
    const own = differences.filter((each) => each.object.startsWith(objectName(database.name, '')));
    const copy = options.copy.manifest.databases.find((each) => each.name === database.name);
    if (own.length === 0 || copy === undefined) continue;
    try {
      await locateInDatabase({ source: database, copy }, own, options, located);
    } catch (error) {
      for (const difference of own) {
        if (!located.has(difference)) located.set(difference, notLocated(difference, error));
      }
    }
  }
  return differences.map((difference) => located.get(difference) ?? difference);
}

function notLocated(difference: Difference, error: unknown): Difference {
  const why = error instanceof LightsOutError ? error.message : describePostgresError(error);
  return { ...difference, detail: `${difference.detail}; where exactly could not be looked up (${why})` };
}

interface Pair {
  source: DatabaseManifest;
  copy: DatabaseManifest;
}

async function locateInDatabase(
  { source, copy }: Pair,
  differences: Difference[],
  options: LocateOptions,
  located: Map<Difference, Difference>,
): Promise<void> {
  const clients: pg.Client[] = [];
  try {
    for (const side of [options.source, options.copy]) clients.push(await side.connect(source.name));
    const [a, b] = clients;
    if (a === undefined || b === undefined) return;
    for (const [difference, diff] of await differencesOfDefinitions(a, b, source.name, differences)) {
      located.set(difference, { ...difference, diff });
    }
    const copies = new Map(copy.tables.map((table) => [objectName(source.name, table.name), table]));
    const sources = new Map(source.tables.map((table) => [objectName(source.name, table.name), table]));
    let left = options.tables ?? TABLES;
    for (const difference of differences) {
      const tables = { source: sources.get(difference.object), copy: copies.get(difference.object) };
      if (tables.source === undefined || tables.copy === undefined) continue;
      const late = options.stopAt !== undefined && Date.now() >= options.stopAt;
      if (left === 0 || late) return;
      left -= 1;
      const found = await locateRows([a, b], tables.source, tables.copy, options.keys ?? KEYS);
      located.set(difference, withRows(difference, found));
    }
  } finally {
    // The answers are in; a connection that breaks while it is closed changes nothing.
    for (const client of clients) await client.end().catch(() => undefined);
  }
}

type Found = Required<Pick<Difference, 'rows' | 'keys'>> &
  Pick<Difference, 'chunks' | 'strayWrite'> & { counts: string };

function withRows(difference: Difference, { counts, ...found }: Found): Difference {
  const stray =
    found.strayWrite === true
      ? '; the source was written to after its manifest was recorded (a stray write)'
      : '';
  return { ...difference, detail: `${difference.detail}: ${counts}${stray}`, ...found };
}

/** What a key's type must be for the key to be shown: such a number or date names a row and nobody. */
const SHOWN_TYPES =
  "('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'oid'::regtype, 'uuid'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'bool'::regtype)";

/** The table's primary key, or the shortest unique index over columns that are never NULL. */
async function keyOf(client: pg.Client, sql: string): Promise<string | undefined> {
  const { rows } = await client.query<{ columns: string[]; shown: boolean }>(
    `SELECT array_agg(a.attname::text ORDER BY k.position) AS columns, bool_and(a.atttypid IN ${SHOWN_TYPES}) AS shown
       FROM pg_index i
       CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)
       LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
      WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND k.position <= i.indnkeyatts
      GROUP BY i.indexrelid, i.indisprimary HAVING bool_and(a.attnotnull)
      ORDER BY i.indisprimary DESC, count(*), i.indexrelid LIMIT 1`,
    [sql],
  );
  const [key] = rows;
  if (key === undefined) return undefined;
  const columns = key.columns.map((column) => `t.${quoteIdentifier(column)}`);
  const text = columns.length === 1 ? `${columns[0] ?? ''}::text` : `ROW(${columns.join(', ')})::text`;
  return key.shown ? text : `'md5:' || md5(${text})`;
}

async function locateRows(
  clients: [pg.Client, pg.Client],
  source: TableManifest,
  copy: TableManifest,
  limit: number,
): Promise<Found> {
  const sql = source.name.startsWith('"') ? source.name : 'pg_catalog.pg_largeobject';
  const [key, copyKey] = [await keyOf(clients[0], sql), await keyOf(clients[1], sql)];
  const parts = differingParts(source, copy);
  const method = source.method === copy.method ? source.method : 'text';
  const { rows, counts } = await compareRows(clients, {
    sql,
    method,
    // A key that is another one in the copy finds nothing again.
    key: key === copyKey ? key : undefined,
    where: parts.map((part) => inPart(part)).join(' OR '),
    total: Math.max(source.rows, copy.rows),
    limit,
  });
  return {
    rows,
    keys: [...rows.missing, ...rows.changed, ...rows.extra].slice(0, limit),
    counts,
    ...(parts.length === 0 ? {} : { chunks: parts.map(nameOfPart) }),
    ...((await isAsRecorded(clients[0], sql, source, parts)) ? {} : { strayWrite: true }),
  };
}

/** Whether the source still holds what its manifest says: if not, somebody wrote to it although the services were stopped. */
async function isAsRecorded(
  client: pg.Client,
  sql: string,
  source: TableManifest,
  parts: Part[],
): Promise<boolean> {
  const table = { name: source.name, sql, method: source.method, bytes: 0 };
  const pieces = parts.length === 0 ? [{ table }] : parts.map((part) => ({ table, part }));
  const now = await digestUnit(client, pieces);
  return now.every(({ rows, digest }, index) => {
    const part = parts[index];
    const recorded = part === undefined ? source : source.parts?.read[part.index];
    return recorded?.rows === rows && recorded.digest === digest;
  });
}

type Part = { index: number; of: number; blocksPerPart: number };

/** The parts that differ, when both sides have the same ones and most of them are equal: else a row may lie anywhere. */
function differingParts(source: TableManifest, copy: TableManifest): Part[] {
  const [a, b] = [source.parts, copy.parts];
  if (a === undefined || b === undefined || a.blocksPerPart !== b.blocksPerPart) return [];
  if (a.read.length !== b.read.length) return [];
  const parts = a.read.flatMap((part, index): Part[] => {
    const other = b.read[index];
    const equal = other !== undefined && other.digest === part.digest && other.rows === part.rows;
    return equal ? [] : [{ index, of: a.read.length, blocksPerPart: a.blocksPerPart }];
  });
  return parts.length * 2 > a.read.length ? [] : parts;
}

function nameOfPart({ index, of, blocksPerPart }: Part): string {
  const from = index * blocksPerPart;
  return index + 1 < of ? `blocks ${from}–${from + blocksPerPart - 1}` : `blocks ${from} to the end`;
}
