import type { Piece, Reader, Reading } from '../engine.ts';
import type { Cut, PartManifest } from '../manifest.ts';
import { once } from '../once.ts';
import { type MysqlConnection, quoteName } from './connection.ts';
import { listCounters } from './counters.ts';
import { digestRows, rangeOf } from './digest.ts';
import { mysqlFingerprint } from './schema.ts';
import { listMysqlTables, type MysqlTable } from './tables.ts';

/**
 * Opens one database. Each connection reads in a consistent snapshot of its own
 * (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html): snapshots cannot be shared between connections, so what is
 * read is of one moment only while nothing is written, which is when the workflow reads.
 */
export async function openReading(
  connect: () => Promise<MysqlConnection>,
  database: string,
): Promise<Reading> {
  const connection = await connect();
  const list = once(() => listMysqlTables(connection, database));
  const byName = once(
    async () => new Map((await list()).compared.map((table): [string, MysqlTable] => [table.name, table])),
  );
  const tableOf = async (name: string): Promise<MysqlTable> => {
    const table = (await byName()).get(name);
    if (table === undefined) throw new Error(`table ${name} is no longer there`);
    return table;
  };
  return {
    survey: async () => {
      const { compared, notCompared } = await list();
      return {
        schema: await mysqlFingerprint(connection, database),
        // Of MariaDB's sequences, the definitions tell the value.
        sequences: await listCounters(connection, database),
        tables: compared.map(({ name, bytes }) => ({ name, bytes })),
        notCompared,
      };
    },
    cut: async ({ name }, partBytes) => cutByNumbers(connection, await tableOf(name), partBytes),
    reader: async (): Promise<Reader> => {
      const reader = await connect();
      await beginSnapshot(reader);
      return {
        read: async (pieces) => {
          const results = [];
          for (const piece of pieces)
            results.push(await readPiece(reader, await tableOf(piece.table), piece));
          return results;
        },
        close: () => reader.close(),
      };
    },
    close: () => connection.close(),
  };
}

async function beginSnapshot(connection: MysqlConnection): Promise<void> {
  // MariaDB takes the two only one at a time; the session is read-only anyway.
  const readOnly = connection.engine === 'mariadb' ? '' : ', READ ONLY';
  await connection.query(`START TRANSACTION WITH CONSISTENT SNAPSHOT${readOnly}`);
}

async function readPiece(
  connection: MysqlConnection,
  table: MysqlTable,
  { part }: Piece,
): Promise<PartManifest> {
  return digestRows(connection, table, part === undefined ? undefined : rangeOf(table, part));
}

/** Only a table whose primary key is one whole number is cut: its numbers say nothing of anybody. */
async function cutByNumbers(
  connection: MysqlConnection,
  table: MysqlTable,
  partBytes: number,
): Promise<Cut | undefined> {
  if (table.numberedBy === undefined) return undefined;
  const column = quoteName(table.numberedBy);
  const [ends] = await connection.query(
    `SELECT MIN(${column}) AS first, MAX(${column}) AS last FROM ${table.sql}`,
  );
  const { first, last } = ends ?? {};
  if (first === null || first === undefined || last === null || last === undefined) return undefined;
  const parts = Math.ceil(table.bytes / partBytes);
  const span = Number((BigInt(last) - BigInt(first)) / BigInt(parts) + 1n);
  return { span, from: first, parts };
}
