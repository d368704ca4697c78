import { type CheckItem, runChecks } from '../check-runner.ts';
import type { CheckOptions, CheckResult } from '../engine.ts';
import type { CheckProblem } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import { describeMysqlError, isMysqlAccessDenied, isMysqlConnectionProblem } from './errors.ts';

/**
 * Largest table that is checked, in bytes. CHECK TABLE is one statement that cannot be cut, MySQL knows no time limit for it, and a
 * function has 15 minutes. 8 GiB take 4 minutes at 35 MB/s.
 */
const MOST_BYTES = 8 * 1024 ** 3;

interface Table extends CheckItem {
  sql: string;
}

/**
 * Runs CHECK TABLE on every table. It checks InnoDB's pages, and that each index has as many entries as the table has rows
 * (https://dev.mysql.com/doc/refman/8.4/en/check-table.html). MEDIUM, the default, is all that InnoDB knows there. MariaDB's EXTENDED
 * also looks up the row of each index entry.
 */
export async function checkDatabase(
  connect: () => Promise<MysqlConnection>,
  database: string,
  { stopAt, checked = [] }: CheckOptions,
): Promise<CheckResult> {
  const connection = await connect();
  try {
    const option = connection.engine === 'mariadb' ? 'EXTENDED' : 'MEDIUM';
    const done = new Set(checked);
    const { tables, tooLarge } = await listTables(connection, database);
    const unsupported: string[] = [];
    const result = await runChecks<Table, MysqlConnection>({
      units: tables.filter(({ name }) => !done.has(name)).map((table) => [table]),
      ...(stopAt === undefined ? {} : { stopAt }),
      connect: async () => {
        const each = await connect();
        // CHECK TABLE changes no row, but may note in the table that it was checked.
        await each.query('SET SESSION TRANSACTION READ WRITE');
        return each;
      },
      close: (each) => each.close(),
      check: async (each, [table]) =>
        table === undefined ? [] : checkTable(each, table, option, unsupported),
      isConnectionProblem: isMysqlConnectionProblem,
      verdict: (error) =>
        isMysqlAccessDenied(error) || /TIMEOUT|INTERRUPTED/.test(describeMysqlError(error))
          ? { notChecked: describeMysqlError(error) }
          : undefined,
    });
    return {
      method: `CHECK TABLE … ${option}`,
      ...result,
      notChecked: [
        ...tooLarge.map((object) => ({ object, reason: 'larger than 8 GiB: CHECK TABLE cannot be cut' })),
        ...unsupported.map((object) => ({ object, reason: 'its storage engine has no check' })),
        ...result.notChecked,
      ],
    };
  } finally {
    await connection.close();
  }
}

async function listTables(
  connection: MysqlConnection,
  database: string,
): Promise<{ tables: Table[]; tooLarge: string[] }> {
  const rows = await connection.query(
    `SELECT TABLE_NAME AS name, COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) AS bytes FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY bytes DESC, TABLE_NAME`,
    [database],
  );
  const isTooLarge = ({ bytes }: Record<string, string | null>): boolean => Number(bytes) > MOST_BYTES;
  const nameOf = ({ name }: Record<string, string | null>): string => quoteName(name ?? '');
  return {
    tables: rows
      .filter((row) => !isTooLarge(row))
      .map((row) => ({ name: nameOf(row), sql: `${quoteName(database)}.${nameOf(row)}` })),
    tooLarge: rows.filter(isTooLarge).map(nameOf),
  };
}

/** Checks one table. The last line of the answer is a status: `OK`, or the problem. Errors, warnings and notes stand before it. */
async function checkTable(
  connection: MysqlConnection,
  { name, sql }: Table,
  option: string,
  unsupported: string[],
): Promise<CheckProblem[]> {
  const lines = await connection.query(`CHECK TABLE ${sql} ${option}`);
  const texts = (type: RegExp): string[] =>
    lines.filter((line) => type.test(line['Msg_type'] ?? '')).map((line) => line['Msg_text'] ?? '');
  if (texts(/^note$/i).some((text) => /doesn't support check/i.test(text))) {
    unsupported.push(name);
    return [];
  }
  const errors = texts(/^error$/i);
  const status = texts(/^status$/i).at(-1);
  const sound = errors.length === 0 && /^(OK|Table is already up to date)$/i.test(status ?? '');
  if (sound) return [];
  const said = [...texts(/^warning$/i), ...errors, ...(errors.length === 0 ? [status ?? 'no status'] : [])];
  return [{ object: name, problem: said.join('; ') }];
}
