import type mysql from 'mysql2/promise';

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
 */
export async function changeOneCell(connection: mysql.Connection, table?: string): Promise<string> {
  const [schema, name] = table?.includes('.') === true ? table.split('.') : [undefined, table];
  const [rows] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT t.TABLE_SCHEMA AS \`database\`, t.TABLE_NAME AS name, c.COLUMN_NAME AS \`column\`, c.DATA_TYPE AS type
       FROM information_schema.TABLES t
       JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
      WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND t.TABLE_NAME = COALESCE(?, t.TABLE_NAME)
        AND c.DATA_TYPE IN (?) AND c.EXTRA = ''
        AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS i
                         WHERE i.TABLE_SCHEMA = c.TABLE_SCHEMA AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = c.COLUMN_NAME)
        AND NOT EXISTS (SELECT 1 FROM information_schema.TRIGGERS r
                         WHERE r.EVENT_OBJECT_SCHEMA = t.TABLE_SCHEMA AND r.EVENT_OBJECT_TABLE = t.TABLE_NAME)
        AND NOT EXISTS (SELECT 1 FROM information_schema.CHECK_CONSTRAINTS k
                         WHERE k.CONSTRAINT_SCHEMA = t.TABLE_SCHEMA AND k.TABLE_NAME = t.TABLE_NAME)
      ORDER BY t.DATA_LENGTH DESC, t.TABLE_NAME, c.ORDINAL_POSITION LIMIT 1`,
    [schema ?? null, name ?? null, Object.keys(CHANGES)],
  );
  const [target] = rows as { database: string; name: string; column: string; type: string }[];
  const change = CHANGES[target?.type ?? ''];
  if (target === undefined || change === undefined)
    throw new Error(`no column that could be changed in ${table ?? 'any table'}`);
  const column = quoted(target.column);
  const full = `${quoted(target.database)}.${quoted(target.name)}`;
  await connection.query(`UPDATE ${full} SET ${column} = ${change(column)} LIMIT 1`);
  return full;
}
