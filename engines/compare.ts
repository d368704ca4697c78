import { counted } from '../functions/contract/counted.ts';
import { ErrorName, LightsOutError } from '../functions/contract/errors.ts';
import {
  type Comparison,
  type DatabaseManifest,
  type Difference,
  type Manifest,
  objectName,
  type SequenceManifest,
  type TableManifest,
  totals,
} from './manifest.ts';

export interface CompareOptions {
  /**
   * False for two databases that no snapshot connects (a dump, loaded on another server). Roles and other parts of the whole server
   * then belong to no database, and their differences are named as not compared. Default true: a snapshot brings them along.
   */
  wholeServer?: boolean;
}

/**
 * Compares two manifests. They are equal only when every object is on both sides and the same.
 *
 * @throws LightsOutError `VerificationImpossible` when the two servers have different engines or major versions: the same row may have
 * another form there, and a restored snapshot never has.
 */
export function compareManifests(
  source: Manifest,
  restored: Manifest,
  { wholeServer = true }: CompareOptions = {},
): Comparison {
  requireSameVersion(source, restored);
  const differences: Difference[] = [];
  const ofServers: Comparison['notCompared'] = [];
  const copies = new Map(restored.databases.map((database) => [database.name, database]));
  for (const database of source.databases) {
    const copy = copies.get(database.name);
    if (copy === undefined) {
      differences.push({ object: database.name, kind: 'missing', detail: 'the database is not in the copy' });
    } else {
      for (const difference of compareDatabases(database, copy)) {
        const object = objectName(database.name, difference.object);
        if (!wholeServer && OF_THE_SERVER.test(difference.object))
          ofServers.push({ object, reason: OF_TWO_SERVERS });
        else differences.push({ ...difference, object });
      }
    }
    copies.delete(database.name);
  }
  for (const name of copies.keys()) {
    differences.push({ object: name, kind: 'extra', detail: 'the database is only in the copy' });
  }
  return {
    equal: differences.length === 0,
    ...totals(source),
    differences,
    notCompared: [...notComparedOf([source, restored]), ...ofServers],
  };
}

/**
 * Kinds of PostgreSQL's definitions that belong to the server, not to one of its databases (`definitions/database.ts`). Names of tables
 * and sequences begin with a quotation mark, so none of them matches.
 */
const OF_THE_SERVER = /^(role|tablespace|parameter) |^settings of all roles$/;

const OF_TWO_SERVERS =
  'it is not the same, but belongs to the server, and these are two servers that no snapshot connects';

function requireSameVersion(source: Manifest, restored: Manifest): void {
  if (source.engine === restored.engine && majorVersion(source) === majorVersion(restored)) return;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `the source runs ${source.engine} ${source.engineVersion}, the copy ${restored.engine} ${restored.engineVersion}; expected the same engine and major version on both sides: restore without an upgrade, then compare`,
  );
}

/**
 * Minor releases keep data and catalogs as they are: https://www.postgresql.org/support/versioning/. MySQL's and MariaDB's major
 * versions have two numbers: 8.4, 10.11.
 */
function majorVersion({ engine, engineVersion }: Manifest): string {
  return engineVersion
    .split('.')
    .slice(0, engine === 'postgres' ? 1 : 2)
    .join('.');
}

/** @returns differences whose objects do not name the database yet. */
function compareDatabases(source: DatabaseManifest, copy: DatabaseManifest): Difference[] {
  // Differences of the data come first: people are told the first few differences.
  return [
    ...compareEach(mapOf(source.tables), mapOf(copy.tables), differenceOfTables),
    ...compareEach(
      new Map(Object.entries(source.schema)),
      new Map(Object.entries(copy.schema)),
      (before, after) => (before === after ? undefined : ['schema', 'its definition differs']),
    ),
    ...compareEach(
      new Map(Object.entries(source.sequences)),
      new Map(Object.entries(copy.sequences)),
      differenceOfSequences,
    ),
  ];
}

function mapOf(tables: TableManifest[]): Map<string, TableManifest> {
  return new Map(tables.map((table) => [table.name, table]));
}

type Found = [kind: Difference['kind'], detail: string];

function compareEach<Item>(
  source: Map<string, Item>,
  copy: Map<string, Item>,
  compare: (before: Item, after: Item) => Found | undefined,
): Difference[] {
  const differences: Difference[] = [];
  for (const [object, before] of source) {
    const after = copy.get(object);
    const [kind, detail] =
      after === undefined ? (['missing', 'not in the copy'] as const) : (compare(before, after) ?? []);
    if (kind !== undefined && detail !== undefined) differences.push({ object, kind, detail });
  }
  for (const object of copy.keys()) {
    if (!source.has(object)) differences.push({ object, kind: 'extra', detail: 'only in the copy' });
  }
  return differences;
}

function differenceOfTables(source: TableManifest, copy: TableManifest): Found | undefined {
  if (source.rows !== copy.rows)
    return [
      'rows',
      `${counted(source.rows, 'row')} in the source, ${copy.rows.toLocaleString('en')} in the copy`,
    ];
  if (source.digest !== copy.digest)
    return ['content', `the same ${counted(source.rows, 'row')} in number, but not in content`];
  return undefined;
}

/**
 * A server starts on a snapshot as after a crash, and a sequence then continues behind the last value that the log promised. If the
 * source tells that value, the copy may stand exactly there: PostgreSQL's `nextval_internal` and `seq_redo`,
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/commands/sequence.c. SQL Server promises whole caches. The gap in
 * the numbers loses nothing, as with any roll back.
 *
 * A copy that is behind would give a number out twice. A copy that stands anywhere else was used.
 */
function differenceOfSequences(source: SequenceManifest, copy: SequenceManifest): Found | undefined {
  if (source.lastValue === copy.lastValue && source.isCalled === copy.isCalled) return undefined;
  if (source.isCalled && copy.isCalled && isPromised(source, copy.lastValue)) return undefined;
  if (forgotReserved(source, copy)) return undefined;
  return ['sequence', `${wordOf(source)} in the source, ${wordOf(copy)} in the copy`];
}

function isPromised({ lastValue, increment, cache, promised }: SequenceManifest, value: string): boolean {
  if (promised !== undefined) return value === promised;
  const [distance, step] = [BigInt(value) - BigInt(lastValue), BigInt(increment)];
  // A value between two steps was not made by a recovery. The division alone would round -1 / 5 to 0.
  const ahead = distance % step === 0n ? distance / step : -1n;
  return ahead >= 0n && ahead <= BigInt(cache);
}

/**
 * InnoDB reserves numbers for a statement of many rows and writes down only the numbers that rows got
 * (https://mariadb.com/kb/en/auto_increment-handling-in-innodb/). A server that starts on a snapshot has forgotten the rest, and goes
 * on behind its last row. No number is given out twice by that.
 */
function forgotReserved(source: SequenceManifest, copy: SequenceManifest): boolean {
  if (copy.highest === undefined) return false;
  const next = BigInt(copy.lastValue);
  return next < BigInt(source.lastValue) && next > BigInt(copy.highest);
}

function wordOf({ lastValue, isCalled }: SequenceManifest): string {
  return `last value ${lastValue}${isCalled ? '' : ' (not given out)'}`;
}

/** What either side could not compare, named once. */
function notComparedOf(manifests: Manifest[]): Comparison['notCompared'] {
  const named = new Map<string, string>();
  for (const database of manifests.flatMap((manifest) => manifest.databases)) {
    for (const { object, reason } of database.notCompared)
      named.set(objectName(database.name, object), reason);
  }
  return [...named].map(([object, reason]) => ({ object, reason }));
}
