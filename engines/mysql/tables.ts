import type { NotCompared } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';

/** A table with rows of its own. */
export interface MysqlTable {
  name: string;
  /** How SQL names it, with the history of a system-versioned table. */
  sql: string;
  columns: MysqlColumn[];
  bytes: number;
  /** The column along which it can be read in parts. Absent for a table that is read at once. */
  cutBy?: CutKey;
}

/** The first column of a primary key. */
export interface CutKey {
  column: string;
  /** `prefix` for text and bytes. */
  kind: 'number' | 'prefix';
  /** For text: how the server orders it. */
  collation?: { characterSet: string; name: string };
}

export interface MysqlColumn {
  name: string;
  /** `data_type` of information_schema, in lower case. */
  type: string;
  /** Set for a declared column that holds the time since which a row of a system-versioned table is the current one. */
  startsPeriod?: true;
}

/** Storage engines whose rows do not lie in the database that is restored. */
const ELSEWHERE: Record<string, string> = {
  FEDERATED: 'a federated table: its rows lie on another server',
  CONNECT: 'a CONNECT table: its rows lie elsewhere',
  SPIDER: 'a Spider table: its rows lie on other servers',
  BLACKHOLE: 'a BLACKHOLE table keeps no rows',
  MEMORY: 'a MEMORY table: its rows end with the server',
  S3: 'an S3 table: its rows lie in S3',
};

const WHOLE_NUMBER = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const BYTES = new Set(['binary', 'varbinary']);
const TEXT = new Set(['char', 'varchar']);

/** Tables of a database, largest first, and those that cannot be compared. */
export async function listMysqlTables(
  connection: MysqlConnection,
  database: string,
): Promise<{ compared: MysqlTable[]; notCompared: NotCompared[] }> {
  const tables = await connection.query(
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, COALESCE(DATA_LENGTH, 0) AS bytes
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') AND TABLE_TYPE NOT LIKE '%TEMPORARY%'
      ORDER BY DATA_LENGTH DESC, TABLE_NAME`,
    [database],
  );
  const columns = await columnsOf(connection, database);
  const keys = await cutKeys(connection, database);
  const list: Awaited<ReturnType<typeof listMysqlTables>> = { compared: [], notCompared: [] };
  for (const { name, type, engine, bytes } of tables) {
    if (name === null || name === undefined) continue;
    const reason = ELSEWHERE[(engine ?? '').toUpperCase()];
    if (reason !== undefined) {
      list.notCompared.push({ object: quoteName(name), reason });
      continue;
    }
    const history = type === 'SYSTEM VERSIONED' ? ' FOR SYSTEM_TIME ALL' : '';
    const own = columns.get(name) ?? [];
    const cutBy = history === '' ? keys.get(name) : undefined;
    list.compared.push({
      name: quoteName(name),
      sql: `${quoteName(database)}.${quoteName(name)}${history}`,
      columns: history === '' ? own : withPeriod(own),
      bytes: Number(bytes),
      ...(cutBy === undefined ? {} : { cutBy }),
    });
  }
  return list;
}

/**
 * Adds the time since which, and the time until which, a row of the history was the current one. No list shows these columns where they
 * are not declared.
 */
function withPeriod(columns: MysqlColumn[]): MysqlColumn[] {
  if (columns.some((column) => column.startsPeriod)) return columns;
  return [...columns, { name: 'ROW_START', type: 'timestamp' }, { name: 'ROW_END', type: 'timestamp' }];
}

/** Columns that are stored. Values computed at reading follow from the others and from the definition. */
async function columnsOf(connection: MysqlConnection, database: string): Promise<Map<string, MysqlColumn[]>> {
  const rows = await connection.query(
    `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, GENERATION_EXPRESSION AS made FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND EXTRA NOT LIKE '%VIRTUAL GENERATED%' ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [database],
  );
  const columns = new Map<string, MysqlColumn[]>();
  for (const { tab, name, type, made } of rows) {
    const own = columns.get(tab ?? '') ?? [];
    own.push({ name: name ?? '', type: type ?? '', ...(made === 'ROW START' ? { startsPeriod: true } : {}) });
    columns.set(tab ?? '', own);
  }
  return columns;
}

/** The first columns of the primary keys along which a table can be cut. A key of the first letters of a column is left out. */
async function cutKeys(connection: MysqlConnection, database: string): Promise<Map<string, CutKey>> {
  const rows = await connection.query(
    `SELECT s.TABLE_NAME AS tab, s.COLUMN_NAME AS name, LOWER(c.DATA_TYPE) AS type, c.CHARACTER_SET_NAME AS characters, c.COLLATION_NAME AS collation
       FROM information_schema.STATISTICS AS s
       JOIN information_schema.COLUMNS AS c ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
      WHERE s.TABLE_SCHEMA = ? AND s.INDEX_NAME = 'PRIMARY' AND s.SEQ_IN_INDEX = 1 AND s.SUB_PART IS NULL`,
    [database],
  );
  const keys = new Map<string, CutKey>();
  for (const { tab, name, type, characters, collation } of rows) {
    const [table, column] = [tab ?? '', name ?? ''];
    if (WHOLE_NUMBER.has(type ?? '')) keys.set(table, { column, kind: 'number' });
    else if (BYTES.has(type ?? '')) keys.set(table, { column, kind: 'prefix' });
    else if (TEXT.has(type ?? '') && typeof characters === 'string' && typeof collation === 'string')
      keys.set(table, { column, kind: 'prefix', collation: { characterSet: characters, name: collation } });
  }
  return keys;
}
