import type { Reader, Reading } from '../engine.ts';
import { once } from '../once.ts';
import type { MysqlConnection } from './connection.ts';
import { listCounters } from './counters.ts';
import { cutTable } from './cut.ts';
import { digestRows } from './digest.ts';
import { mysqlFingerprint } from './schema.ts';
import { listMysqlTables, type MysqlTable } from './tables.ts';
import { readWriteCounters } from './write-counters.ts';

/**
 * Opens one database. Each connection reads in a consistent snapshot of its own
 * (https://dev.mysql.com/doc/refman/8.4/en/innodb-consistent-read.html), since connections cannot share one. The snapshots show one
 * moment only while nothing is written. The workflow reads at such a time.
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
        // The definitions of MariaDB's sequences tell their values.
        sequences: await listCounters(connection, database),
        tables: compared.map(({ name, bytes }) => ({ name, bytes })),
        notCompared,
      };
    },
    writeCounters: () => readWriteCounters(connection, database),
    cut: async ({ name }, partBytes) => cutTable(connection, await tableOf(name), partBytes),
    reader: async (): Promise<Reader> => {
      const reader = await connect();
      await beginSnapshot(reader);
      return {
        read: async (pieces) => {
          const results = [];
          for (const piece of pieces)
            results.push(await digestRows(reader, await tableOf(piece.table), piece));
          return results;
        },
        close: () => reader.close(),
      };
    },
    close: () => connection.close(),
  };
}

async function beginSnapshot(connection: MysqlConnection): Promise<void> {
  // MariaDB takes only one of the two options at a time. The session is read-only anyway.
  const readOnly = connection.engine === 'mariadb' ? '' : ', READ ONLY';
  await connection.query(`START TRANSACTION WITH CONSISTENT SNAPSHOT${readOnly}`);
}
