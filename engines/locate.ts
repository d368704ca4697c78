import { LightsOutError, messageOf } from '../functions/contract/errors.ts';
import { differencesOfDefinitions } from './definition-diff.ts';
import type { Locator, Part } from './locator.ts';
import {
  type DatabaseManifest,
  type Difference,
  type Manifest,
  objectName,
  type TableManifest,
  type TableParts,
} from './manifest.ts';
import { compareRows } from './row-differences.ts';

/** One of the two servers. */
export interface Side {
  manifest: Manifest;
  /** Opens the database of this name in the manifest. */
  open(database: string): Promise<Locator>;
}

export interface LocateOptions {
  source: Side;
  copy: Side;
  /** Most keys that a difference names. Default 20. */
  keys?: number;
  /** Most tables that are looked into. Default 20. */
  tables?: number;
  /** Time after which no further table is begun (milliseconds since the epoch). Default: never. */
  stopAt?: number;
}

const KEYS = 20;
const TABLES = 20;

/**
 * Looks up which rows of a table differ, by their keys, and which lines of a definition. Both databases are read again, only where they
 * differ. If something cannot be looked up any more, the difference's `detail` says so, and the difference itself stands.
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
    await locateInDatabase({ source: database, copy }, own, options, located);
  }
  return differences.map((difference) => located.get(difference) ?? difference);
}

interface Pair {
  source: DatabaseManifest;
  copy: DatabaseManifest;
}

/** Fills `located`. An error is added to the detail of each difference that could not be looked up. */
async function locateInDatabase(
  pair: Pair,
  differences: Difference[],
  options: LocateOptions,
  located: Map<Difference, Difference>,
): Promise<void> {
  const open: Locator[] = [];
  try {
    open.push(await options.source.open(pair.source.name));
    open.push(await options.copy.open(pair.source.name));
    const [source, copy] = open;
    if (source !== undefined && copy !== undefined)
      await locateWith({ source, copy }, pair, differences, options, located);
  } catch (error) {
    const why =
      error instanceof LightsOutError ? error.message : (open[0]?.describe(error) ?? messageOf(error));
    for (const difference of differences) {
      if (located.has(difference)) continue;
      const detail = `${difference.detail}; where exactly could not be looked up (${why})`;
      located.set(difference, { ...difference, detail });
    }
  } finally {
    for (const locator of open) await locator.close();
  }
}

interface Locators {
  source: Locator;
  copy: Locator;
}

async function locateWith(
  locators: Locators,
  { source, copy }: Pair,
  differences: Difference[],
  options: LocateOptions,
  located: Map<Difference, Difference>,
): Promise<void> {
  const diffs = await differencesOfDefinitions(locators.source, locators.copy, source.name, differences);
  for (const [difference, diff] of diffs) located.set(difference, { ...difference, diff });
  const [sources, copies] = [source, copy].map(
    ({ tables }) => new Map(tables.map((table) => [objectName(source.name, table.name), table])),
  );
  let left = options.tables ?? TABLES;
  for (const difference of differences) {
    const [before, after] = [sources?.get(difference.object), copies?.get(difference.object)];
    if (before === undefined || after === undefined) continue;
    const late = options.stopAt !== undefined && Date.now() >= options.stopAt;
    if (left === 0 || late) return;
    left -= 1;
    located.set(difference, await locateRows(locators, difference, { before, after }, options.keys ?? KEYS));
  }
}

async function locateRows(
  { source, copy }: Locators,
  difference: Difference,
  { before, after }: { before: TableManifest; after: TableManifest },
  limit: number,
): Promise<Difference> {
  const [key, copyKey] = [await source.keyOf(before), await copy.keyOf(before)];
  const parts = differingParts(before, after);
  // If the copy has a different primary key, rows cannot be looked up by key.
  const question = { key: key === copyKey ? key : undefined, parts };
  const { rows, counts } = await compareRows(source.rows(before, question), copy.rows(before, question), {
    named: question.key !== undefined,
    total: Math.max(before.rows, after.rows),
    limit,
  });
  const { columns, problem } = await differingColumns({ source, copy }, before, question.key, rows.changed);
  const stray = !(await isAsRecorded(source, before, parts));
  const words = `${problem}${stray ? '; the source was written to after its manifest was recorded (a stray write)' : ''}`;
  return {
    ...difference,
    detail: `${difference.detail}: ${counts}${words}`,
    rows,
    keys: [...rows.missing, ...rows.changed, ...rows.extra].slice(0, limit),
    ...(columns.length === 0 ? {} : { columns }),
    ...(parts.length === 0 ? {} : { chunks: parts.map(nameOfPart) }),
    ...(stray ? { strayWrite: true } : {}),
  };
}

/** Most columns that are named of one table. */
const COLUMNS = 20;

/** The columns in which rows of the same key differ. If the columns cannot be looked up, everything else is still told. */
async function differingColumns(
  { source, copy }: Locators,
  table: TableManifest,
  key: string | undefined,
  changed: string[],
): Promise<{ columns: string[]; problem: string }> {
  if (key === undefined || changed.length === 0) return { columns: [], problem: '' };
  try {
    const before = await source.columnHashes?.(table, key, changed);
    const after = await copy.columnHashes?.(table, key, changed);
    const differing = new Set<string>();
    for (const [row, hashes] of before ?? []) {
      const others = new Map(after?.get(row)?.map(({ column, hash }) => [column, hash]));
      for (const { column, hash } of hashes)
        if (others.has(column) && others.get(column) !== hash) differing.add(column);
    }
    return { columns: [...differing].slice(0, COLUMNS), problem: '' };
  } catch (error) {
    const why = source.describe(error);
    return { columns: [], problem: `; in which columns could not be looked up (${why})` };
  }
}

/** True when the source still holds what its manifest says. If not, somebody wrote to it although the services were stopped. */
async function isAsRecorded(source: Locator, table: TableManifest, parts: Part[]): Promise<boolean> {
  const now = await source.digests(table, parts);
  return now.every(({ rows, digest }, index) => {
    const part = parts[index];
    const recorded = part === undefined ? table : table.parts?.read[part.index];
    return recorded?.rows === rows && recorded.digest === digest;
  });
}

/** The parts that differ, when both sides have the same parts and most of them are equal. Otherwise a row may lie in any part. */
function differingParts(source: TableManifest, copy: TableManifest): Part[] {
  const [a, b] = [source.parts, copy.parts];
  if (a === undefined || b === undefined || !sameCut(a, b)) return [];
  const parts = a.read.flatMap((part, index): Part[] => {
    const other = b.read[index];
    const equal = other !== undefined && other.digest === part.digest && other.rows === part.rows;
    return equal ? [] : [{ index, parts: a.read.length, span: a.span, from: a.from }];
  });
  return parts.length * 2 > a.read.length ? [] : parts;
}

function sameCut(a: TableParts, b: TableParts): boolean {
  return a.span === b.span && a.from === b.from && a.read.length === b.read.length;
}

function nameOfPart({ index, parts, span, from }: Part): string {
  const first = BigInt(from ?? 0) + BigInt(index) * BigInt(span);
  const what = from === undefined ? 'blocks' : 'keys';
  return index + 1 < parts ? `${what} ${first}–${first + BigInt(span) - 1n}` : `${what} ${first} to the end`;
}
