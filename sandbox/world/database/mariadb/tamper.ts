import type mysql from 'mysql2/promise';
import type { Changed } from '../tamper.ts';

/** Column types that can be changed by a small, valid amount, and how. */
const CHANGES: Record<string, (column: string) => string> = {
  varchar: (column) => `CONCAT('~', SUBSTRING(COALESCE(${column}, ''), 2))`,
  text: (column) => `CONCAT(COALESCE(${column}, ''), '.')`,
  mediumtext: (column) => `CONCAT(COALESCE(${column}, ''), '.')`,
  longtext: (column) => `CONCAT(COALESCE(${column}, ''), '.')`,
  int: (column) => `COALESCE(${column}, 0) + 1`,
  bigint: (column) => `COALESCE(${column}, 0) + 1`,
  decimal: (column) => `COALESCE(${column}, 0) + 0.01`,
};

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/**
 * Changes one cell of one row of a table (default: the largest that has a column for it), never in a key and never where a trigger or a
 * check would have a say. This is what a fault of the world does; no product code can.
 *
 * @param table - `database.table`, or a table of the connection's database.
 * @param options.keyed - only of a table with a primary key. Default: of any.
 */
export async function changeOneCell(
  connection: mysql.Connection,
  table?: string,
  { keyed = false }: { keyed?: boolean } = {},
): Promise<Changed> {
  const [schema, name] = table?.includes('.') === true ? table.split('.') : [undefined, table];
  const [rows] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT t.TABLE_SCHEMA AS \`database\`, t.TABLE_NAME AS name, c.COLUMN_NAME AS \`column\`, c.DATA_TYPE AS type
       FROM information_schema.TABLES t
       JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
      WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND t.TABLE_NAME = COALESCE(?, t.TABLE_NAME)
        AND c.DATA_TYPE IN (?) AND c.EXTRA = ''
        AND (NOT ? OR EXISTS (SELECT 1 FROM information_schema.STATISTICS p
                               WHERE p.TABLE_SCHEMA = t.TABLE_SCHEMA AND p.TABLE_NAME = t.TABLE_NAME AND p.INDEX_NAME = 'PRIMARY'))
        AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS i
                         WHERE i.TABLE_SCHEMA = c.TABLE_SCHEMA AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = c.COLUMN_NAME)
        AND NOT EXISTS (SELECT 1 FROM information_schema.TRIGGERS r
                         WHERE r.EVENT_OBJECT_SCHEMA = t.TABLE_SCHEMA AND r.EVENT_OBJECT_TABLE = t.TABLE_NAME)
        AND NOT EXISTS (SELECT 1 FROM information_schema.CHECK_CONSTRAINTS k
                         WHERE k.CONSTRAINT_SCHEMA = t.TABLE_SCHEMA AND k.TABLE_NAME = t.TABLE_NAME)
      ORDER BY t.DATA_LENGTH DESC, t.TABLE_NAME, c.ORDINAL_POSITION LIMIT 1`,
    [schema ?? null, name ?? null, Object.keys(CHANGES), keyed],
  );
  const [target] = rows as { database: string; name: string; column: string; type: string }[];
  const change = CHANGES[target?.type ?? ''];
  if (target === undefined || change === undefined)
    throw new Error(`no column that could be changed in ${table ?? 'any table'}`);
  const column = quoted(target.column);
  const full = `${quoted(target.database)}.${quoted(target.name)}`;
  // The key of the row, since a change may move it: the first of its table has the lowest one.
  const [keys] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX`,
    [target.database, target.name],
  );
  const order =
    keys.length === 0 ? '' : ` ORDER BY ${keys.map((key) => quoted(String(key['name']))).join(', ')}`;
  const [before] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT ${column} AS value FROM ${full}${order} LIMIT 1`,
  );
  await connection.query(`UPDATE ${full} SET ${column} = ${change(column)}${order} LIMIT 1`);
  return {
    table: full,
    undo: async () => {
      await connection.query(`UPDATE ${full} SET ${column} = ?${order} LIMIT 1`, [
        before[0]?.['value'] ?? null,
      ]);
    },
  };
}
