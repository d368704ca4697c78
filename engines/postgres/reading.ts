import type pg from 'pg';
import type { Piece, Reader, Reading, Survey } from '../engine.ts';
import { once } from '../once.ts';
import { cutByBlocks, digestUnit, type TablePiece } from './digest.ts';
import { isConnectionProblem } from './errors.ts';
import { schemaFingerprint, unseenDefinitions } from './schema.ts';
import { readSequences } from './sequences.ts';
import { type ListedTable, listTables, type TableList } from './tables.ts';
import { readWriteCounters } from './write-counters.ts';

/**
 * Opens one database. All its tables are read as of one moment: the first connection exports a snapshot, and the transactions of all
 * connections take it (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION).
 */
export async function openReading(connect: () => Promise<pg.Client>): Promise<Reading> {
  const holder = await connect();
  const tables = once(async (): Promise<TableList & { byName: Map<string, ListedTable> }> => {
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const list = await listTables(holder);
    return { ...list, byName: new Map(list.compared.map((table) => [table.name, table])) };
  });
  const begin = once(async () => {
    await tables();
    return beginInSnapshot(holder);
  });
  const withTable = async ({ table, ...rest }: Piece): Promise<TablePiece> => {
    const listed = (await tables()).byName.get(table);
    if (listed === undefined) throw new Error(`table ${table} is no longer there`);
    return { table: listed, ...rest };
  };
  return {
    survey: async (): Promise<Survey> => {
      const sequences = await readSequences(holder);
      const { compared, notCompared } = await tables();
      return {
        schema: await schemaFingerprint(holder),
        sequences: sequences.sequences,
        tables: compared.map(({ name, bytes }) => ({ name, bytes })),
        notCompared: [...notCompared, ...sequences.notCompared, ...(await unseenDefinitions(holder))],
      };
    },
    rowsWritten: () => rowsWritten(holder),
    writeCounters: () => readWriteCounters(holder),
    cut: async ({ name }, partBytes) => cutByBlocks((await withTable({ table: name })).table, partBytes),
    reader: async (): Promise<Reader> => {
      const statement = await begin();
      const client = await connect();
      return {
        read: async (pieces) => {
          const unit = await Promise.all(pieces.map(withTable));
          return readUnit(client, statement, unit);
        },
        close: () => closeQuietly(client),
      };
    },
    close: () => closeQuietly(holder),
  };
}

/**
 * Counts rows by the statistics (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-TABLES-VIEW).
 * Autovacuum and RDS's own heartbeat move the position of the log and the next transaction's number even on a server that nobody uses.
 */
async function rowsWritten(client: pg.Client): Promise<string | undefined> {
  // A transaction reads the statistics once and keeps them.
  await client.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await client.query<{ written: string }>(
    `SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text AS written FROM pg_stat_user_tables WHERE current_setting('track_counts')::bool`,
  );
  return rows[0]?.written;
}

/** The statements that put another connection's transaction into the holder's snapshot. */
async function beginInSnapshot(holder: pg.Client): Promise<string> {
  const { rows } = await holder.query<{ snapshot: string; encoding: string }>(
    `SELECT pg_export_snapshot() AS snapshot, current_setting('server_encoding') AS encoding`,
  );
  // A database without an encoding may hold any bytes. They can all be read only without a conversion.
  const raw = rows[0]?.encoding === 'SQL_ASCII' ? "; SET LOCAL client_encoding = 'SQL_ASCII'" : '';
  return `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${rows[0]?.snapshot ?? ''}'${raw}`;
}

/** Reads in a short transaction of its own, so that few locks are held. */
async function readUnit(client: pg.Client, begin: string, unit: TablePiece[]) {
  await client.query(begin);
  try {
    const results = await digestUnit(client, unit);
    await client.query('COMMIT');
    return results;
  } catch (error) {
    if (!isConnectionProblem(error)) await client.query('ROLLBACK');
    throw error;
  }
}

/** The answers are in. A connection that breaks while it is closed changes nothing. */
export async function closeQuietly(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}
