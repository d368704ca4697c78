import type { CheckOptions, CheckResult } from '../engine.ts';
import type { SqlServerConnection } from './connection.ts';
import type { ServerMessage } from './driver.ts';
import { describeSqlServerError, SqlServerError } from './errors.ts';
import { literal } from './names.ts';

/**
 * Tells whether the user may run DBCC, which takes db_owner of the database
 * (https://learn.microsoft.com/sql/t-sql/database-console-commands/dbcc-checkdb-transact-sql). On RDS nobody is sysadmin. Its master
 * user is db_owner of the databases that it made.
 */
const MAY_CHECK =
  "SELECT QUOTENAME(USER_NAME()) AS [user], CASE WHEN IS_MEMBER('db_owner') = 1 OR IS_SRVROLEMEMBER('sysadmin') = 1 THEN 1 ELSE 0 END AS allowed";

/** Tables and views with indexes of their own. Memory-optimised tables lie in files of another kind. */
const OBJECTS = `SELECT QUOTENAME(s.name) + N'.' + QUOTENAME(o.name) AS name, COALESCE(t.is_memory_optimized, 0) AS [memory-optimised], COALESCE(t.is_external, 0) AS [external]
  FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id LEFT JOIN sys.tables AS t ON t.object_id = o.object_id
 WHERE o.type = 'U' OR (o.type = 'V' AND EXISTS (SELECT 1 FROM sys.indexes AS i WHERE i.object_id = o.object_id AND i.index_id = 1))
 ORDER BY 1`;

const OPTIONS = 'WITH NO_INFOMSGS, ALL_ERRORMSGS';

/** Error numbers that say why a check was not made: locks, snapshots, space, permissions. */
const NOT_MADE = new Set([
  701, 916, 1105, 1205, 1222, 1823, 1827, 2557, 3952, 5030, 5128, 5245, 5296, 7928, 7929, 7934, 7983, 7987,
  8921, 8967,
]);

/** A damaged page ends the connection. Such a page is what a check looks for. */
const DAMAGE = new Set(['823', '824', '829', '605']);

interface Unit {
  object: string;
  sql: string;
}

/**
 * Runs DBCC CHECKDB in its parts: CHECKALLOC, CHECKTABLE of each table and indexed view, CHECKCATALOG. One call does some of them, and
 * the next call goes on. It is meant for the restored copy. CHECKTABLE takes a shared lock of the table, which costs less than a
 * snapshot of the database.
 */
export async function checkDatabase(
  connect: () => Promise<SqlServerConnection>,
  database: string,
  { stopAt, checked: before = [] }: CheckOptions,
): Promise<CheckResult> {
  let connection = await connect();
  const result: CheckResult = {
    method: '',
    checked: [...before],
    complete: true,
    problems: [],
    notChecked: [],
  };
  try {
    const [may] = await connection.query(MAY_CHECK);
    if (may?.['allowed'] !== '1') return notAllowed(database, may?.['user'] ?? '');
    const { units, left } = await unitsOf(connection);
    result.method = `DBCC CHECKALLOC, CHECKTABLE of ${units.length - 2} tables and indexed views, CHECKCATALOG`;
    result.notChecked.push(...left);
    for (const unit of units) {
      if (result.checked.includes(unit.object)) continue;
      if (stopAt !== undefined && Date.now() >= stopAt) return { ...result, complete: false };
      const alive = await checkUnit(connection, unit, result);
      result.checked.push(unit.object);
      if (alive) continue;
      await connection.close();
      connection = await connect();
    }
    return result;
  } finally {
    await connection.close();
  }
}

function notAllowed(database: string, user: string): CheckResult {
  const reason = `DBCC CHECKDB needs the role db_owner: run "ALTER ROLE db_owner ADD MEMBER ${user}" in the source database before the snapshot`;
  return {
    method: 'DBCC CHECKDB',
    checked: [],
    complete: true,
    problems: [],
    notChecked: [{ object: database, reason }],
  };
}

async function unitsOf(
  connection: SqlServerConnection,
): Promise<{ units: Unit[]; left: CheckResult['notChecked'] }> {
  const rows = await connection.query(OBJECTS);
  const left: CheckResult['notChecked'] = [];
  const tables = rows.flatMap((row): Unit[] => {
    const object = row['name'] ?? '';
    const reason =
      row['memory-optimised'] === '1'
        ? 'DBCC does not check memory-optimised tables: their checksums are checked when the database is opened'
        : 'an external table: its rows lie elsewhere';
    if (row['memory-optimised'] === '1' || row['external'] === '1') {
      left.push({ object, reason });
      return [];
    }
    return [{ object, sql: `DBCC CHECKTABLE (${literal(object)}) ${OPTIONS}, TABLOCK` }];
  });
  return {
    units: [
      { object: 'allocation', sql: `DBCC CHECKALLOC ${OPTIONS}` },
      ...tables,
      { object: 'catalog', sql: 'DBCC CHECKCATALOG WITH NO_INFOMSGS' },
    ],
    left,
  };
}

/** @returns false when the connection is gone. */
async function checkUnit(
  connection: SqlServerConnection,
  { object, sql }: Unit,
  result: CheckResult,
): Promise<boolean> {
  try {
    const errors = await connection.errorsOf(sql);
    const found = errors.filter(({ number }) => !NOT_MADE.has(number));
    const prevented = errors.find(({ number }) => NOT_MADE.has(number));
    result.problems.push(...found.map((error) => ({ object, problem: wordsOf(error) })));
    if (prevented !== undefined) result.notChecked.push({ object, reason: wordsOf(prevented) });
    return true;
  } catch (error) {
    if (!(error instanceof SqlServerError)) throw error;
    const words = describeSqlServerError(error);
    if (DAMAGE.has(error.code)) result.problems.push({ object, problem: words });
    else if (/^\d+$/.test(error.code) || error.code === 'ETIMEOUT')
      result.notChecked.push({ object, reason: words });
    else throw error;
    return error.code === 'ETIMEOUT' || (error.severity ?? 0) < 20;
  }
}

/** Never quotes the message: 8955 and others quote a row's key. The number can be looked up instead. */
function wordsOf({ number, severity, state }: ServerMessage): string {
  return `DBCC error ${number}, severity ${severity}, state ${state}: run the same check by hand to read its message`;
}
