import type { SequenceManifest } from '../manifest.ts';
import { type MysqlConnection, quoteName } from './connection.ts';

/**
 * Reads the next AUTO_INCREMENT of each table that has one, by `table.column`, and the highest number of a row. It stands in the
 * definition that the server prints: `information_schema` may be a day old on MySQL 8.
 */
export async function listCounters(
  connection: MysqlConnection,
  database: string,
): Promise<Record<string, SequenceManifest>> {
  const columns = await connection.query(
    `SELECT c.TABLE_NAME AS name, c.COLUMN_NAME AS numbered FROM information_schema.COLUMNS c
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
      WHERE c.TABLE_SCHEMA = ? AND c.EXTRA LIKE '%auto_increment%' AND t.TABLE_TYPE NOT LIKE '%TEMPORARY%' ORDER BY 1`,
    [database],
  );
  const counters: Record<string, SequenceManifest> = {};
  for (const { name, numbered } of columns) {
    const [table, column] = [name ?? '', numbered ?? ''];
    const full = `${quoteName(database)}.${quoteName(table)}`;
    const [shown] = await connection.query(`SHOW CREATE TABLE ${full}`);
    const next = /^\) .*? AUTO_INCREMENT=(\d+)/m.exec(shown?.['Create Table'] ?? '')?.[1] ?? '1';
    // A column of floating point may be numbered too, and its text could hold an exponent.
    const [most] = await connection.query(
      `SELECT CAST(MAX(${quoteName(column)}) AS DECIMAL(65, 0)) AS highest FROM ${full}`,
    );
    counters[`${quoteName(table)}.${quoteName(column)}`] = {
      lastValue: next,
      isCalled: false,
      increment: '1',
      cache: '0',
      highest: most?.['highest'] ?? '0',
    };
  }
  return counters;
}
