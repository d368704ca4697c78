import { sumOf } from './digest-sum.ts';
import type { Cut, Engine, Piece, SurveyedTable } from './engine.ts';
import type { DatabaseManifest, PartialTable, PartManifest, TableManifest } from './manifest.ts';

/** What one statement reads. */
export interface Unit {
  pieces: Piece[];
  /** Time that it takes, in proportion to others. */
  weight: number;
}

/** Cost of the statement itself, in bytes read. It lets a schema of small tables show progress too. */
const WEIGHT_OF_TABLE = 64 * 1024;

/** Most parts of one table. They keep the manifest of terabytes at a few megabytes: a part of 5 TB is 640 MB. */
const MOST_PARTS = 8192;

export const weightOf = ({ bytes }: SurveyedTable): number => WEIGHT_OF_TABLE + bytes;

export interface UnitOptions extends Pick<Engine, 'tablesAStatement' | 'partBytes'> {
  cut(table: SurveyedTable, partBytes: number): Promise<Cut | undefined>;
  /** Cuts of tables that are known already. Null for a table that is read at once. */
  like?: Map<string, Cut | null>;
}

/** How the tables of a database were cut. */
export function cutsOf(database: DatabaseManifest | undefined): Map<string, Cut | null> {
  return new Map(
    database?.tables.map(({ name, parts }): [string, Cut | null] => [
      name,
      parts === undefined ? null : { span: parts.span, from: parts.from, parts: parts.read.length },
    ]),
  );
}

/** Plans the statements that are still to be run, each of bounded size: large tables in parts, small ones together. */
export async function planUnits(
  tables: SurveyedTable[],
  database: DatabaseManifest,
  options: UnitOptions,
): Promise<Unit[]> {
  const { tablesAStatement, partBytes } = options;
  const complete = new Set(database.tables.map((table) => table.name));
  const units: Unit[] = [];
  let small: Unit = { pieces: [], weight: 0 };
  for (const table of tables) {
    if (complete.has(table.name)) continue;
    const partial = database.underWay?.[table.name] ?? (await partsOf(table, options));
    if (partial !== undefined) {
      units.push(...partsLeft(table, partial));
      continue;
    }
    const full = small.pieces.length >= tablesAStatement || small.weight + weightOf(table) > partBytes;
    if (small.pieces.length > 0 && full) {
      units.push(small);
      small = { pieces: [], weight: 0 };
    }
    small.pieces.push({ table: table.name });
    small.weight += weightOf(table);
  }
  return small.pieces.length > 0 ? [...units, small] : units;
}

/** A large table's parts, none of them read. Undefined for a table that is read at once. */
async function partsOf(table: SurveyedTable, options: UnitOptions): Promise<PartialTable | undefined> {
  const like = options.like?.get(table.name);
  if (like !== undefined) return like === null ? undefined : nothingRead(like);
  if (table.bytes <= options.partBytes) return undefined;
  const cut = await options.cut(table, Math.max(options.partBytes, table.bytes / MOST_PARTS));
  return cut === undefined || cut.parts < 2 ? undefined : nothingRead(cut);
}

function partsLeft(table: SurveyedTable, { read, ...cut }: PartialTable): Unit[] {
  const weight = weightOf(table) / cut.parts;
  return read.flatMap((part, index) =>
    part === null ? [{ pieces: [{ table: table.name, part: { ...cut, index } }], weight }] : [],
  );
}

function nothingRead(cut: Cut): PartialTable {
  return { ...cut, read: new Array<PartManifest | null>(cut.parts).fill(null) };
}

/** Adds a unit's results to the database's manifest. */
export function addResults(database: DatabaseManifest, pieces: Piece[], results: PartManifest[]): void {
  const complete: TableManifest[] = [];
  pieces.forEach(({ table: name, part }, index) => {
    const result = results[index];
    if (result === undefined) throw new Error(`no result for ${name}`);
    if (part === undefined) {
      complete.push({ name, ...result });
      return;
    }
    const { index: at, ...cut } = part;
    database.underWay ??= {};
    const partial = database.underWay[name] ?? nothingRead(cut);
    database.underWay[name] = partial;
    partial.read[at] = result;
    const read = partial.read.filter((each) => each !== null);
    if (read.length < partial.parts) return;
    delete database.underWay[name];
    const { span, from } = partial;
    complete.push({ name, ...sumOf(read), parts: { span, ...(from === undefined ? {} : { from }), read } });
  });
  database.tables.push(...complete);
}
