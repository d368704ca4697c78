import type { Piece, Reader, Reading, Survey } from '../engine.ts';
import type { NotCompared, PartManifest } from '../manifest.ts';
import { once } from '../once.ts';
import { requireSight } from './access.ts';
import type { SqlServerConnection } from './connection.ts';
import { digestPieces, type TablePiece } from './digest.ts';
import { cutByKey } from './parts.ts';
import { sqlServerFingerprint } from './schema.ts';
import { readSequences } from './sequences.ts';
import { listSqlServerTables } from './tables.ts';

const SNAPSHOT = 'SET TRANSACTION ISOLATION LEVEL SNAPSHOT';

/** Says for the evidence what follows if no snapshot can be taken. */
const ONE_AFTER_ANOTHER: NotCompared = {
  object: 'one moment',
  reason:
    'ALLOW_SNAPSHOT_ISOLATION is OFF, so each statement read what was committed while it ran: the tables are of one moment only because nothing was written, the services being stopped',
};

/**
 * Opens one database. Each connection reads in a transaction of isolation SNAPSHOT where the database allows it
 * (https://learn.microsoft.com/sql/t-sql/statements/set-transaction-isolation-level-transact-sql). It sees the moment of its own first
 * read, since connections cannot share such a snapshot. The snapshots show one moment only while nothing is written. The workflow reads
 * at such a time.
 */
export async function openReading(connect: () => Promise<SqlServerConnection>): Promise<Reading> {
  const connection = await connect();
  const list = once(() => listSqlServerTables(connection));
  const byName = once(async () => new Map((await list()).compared.map((table) => [table.name, table])));
  const snapshots = once(() => allowsSnapshots(connection));
  const withTable = async ({ table, ...rest }: Piece): Promise<TablePiece> => {
    const own = (await byName()).get(table);
    if (own === undefined) throw new Error(`table ${table} is no longer there`);
    return { table: own, ...rest };
  };
  return {
    survey: async (): Promise<Survey> => {
      const hidden = await requireSight(connection);
      const { compared, notCompared } = await list();
      const fingerprint = await sqlServerFingerprint(connection);
      return {
        schema: fingerprint.schema,
        sequences: await readSequences(connection),
        tables: compared.map(({ name, bytes }) => ({ name, bytes })),
        notCompared: [
          ...notCompared,
          ...fingerprint.notCompared,
          ...hidden,
          ...((await snapshots()) ? [] : [ONE_AFTER_ANOTHER]),
        ],
      };
    },
    cut: async ({ name }, partBytes) => {
      const { table } = await withTable({ table: name });
      return cutByKey(connection, table, partBytes);
    },
    reader: async () =>
      new SqlServerReader(connect, await connect(), { withTable, snapshots: await snapshots() }),
    close: () => connection.close(),
  };
}

async function allowsSnapshots(connection: SqlServerConnection): Promise<boolean> {
  const [row] = await connection.query(
    'SELECT d.snapshot_isolation_state AS state FROM sys.databases AS d WHERE d.database_id = DB_ID()',
  );
  return row?.['state'] === '1';
}

interface ReaderOptions {
  withTable(piece: Piece): Promise<TablePiece>;
  snapshots: boolean;
}

/** Reads on one connection. A second one reads tables that may not be read in a snapshot. */
class SqlServerReader implements Reader {
  readonly #connect: () => Promise<SqlServerConnection>;
  readonly #connection: SqlServerConnection;
  readonly #options: ReaderOptions;
  readonly #begin: () => Promise<void>;
  #plain: SqlServerConnection | undefined;

  constructor(
    connect: () => Promise<SqlServerConnection>,
    connection: SqlServerConnection,
    options: ReaderOptions,
  ) {
    this.#connect = connect;
    this.#connection = connection;
    this.#options = options;
    this.#begin = once(() => begin(connection, options.snapshots));
  }

  async read(pieces: Piece[]): Promise<PartManifest[]> {
    const own = await Promise.all(pieces.map((piece) => this.#options.withTable(piece)));
    // Error 41332: a session of isolation SNAPSHOT may not read a memory-optimised table, though the table has snapshots of its own.
    const apart = own.filter(({ table }) => table.memoryOptimized);
    const together = own.filter(({ table }) => !table.memoryOptimized);
    const results = new Map<TablePiece, PartManifest>();
    if (together.length > 0) {
      await this.#begin();
      await collect(this.#connection, together, results);
    }
    if (apart.length > 0) {
      this.#plain ??= await this.#connect();
      await collect(this.#plain, apart, results);
    }
    return own.flatMap((piece) => results.get(piece) ?? []);
  }

  /** The end of the connection rolls its transaction back. Nothing was written in it. */
  async close(): Promise<void> {
    await this.#plain?.close();
    await this.#connection.close();
  }
}

async function begin(connection: SqlServerConnection, snapshots: boolean): Promise<void> {
  if (!snapshots) return;
  await connection.query(SNAPSHOT);
  await connection.query('BEGIN TRANSACTION');
}

async function collect(
  connection: SqlServerConnection,
  pieces: TablePiece[],
  results: Map<TablePiece, PartManifest>,
): Promise<void> {
  for (const some of statementsFor(pieces)) {
    const read = await digestPieces(connection, some);
    some.forEach((piece, index) => {
      const result = read[index];
      if (result !== undefined) results.set(piece, result);
    });
  }
}

/** Most columns that one statement hashes, unless one table has more. A plan for thousands takes longer to make than to run. */
const COLUMNS_A_STATEMENT = 500;

function statementsFor(pieces: TablePiece[]): TablePiece[][] {
  const statements: TablePiece[][] = [];
  let columns = COLUMNS_A_STATEMENT;
  for (const piece of pieces) {
    const own = piece.table.columns.length;
    if (columns + own > COLUMNS_A_STATEMENT) {
      statements.push([]);
      columns = 0;
    }
    statements.at(-1)?.push(piece);
    columns += own;
  }
  return statements;
}
