import { Connection, type ConnectionConfiguration, Request } from 'tedious';
import { CONNECTION_LOST, SqlServerError, STATEMENT_TIMEOUT } from './errors.ts';

/** A row as text, by column. */
export type Row = Record<string, string | null>;

/** A message that the server called an error. */
export interface ServerMessage {
  number: number;
  severity: number;
  state: number;
  message: string;
}

/** One connection, with promises. Questions are asked one after another, in their order. */
export interface Driver {
  /** @throws SqlServerError */
  query(sql: string): Promise<Row[]>;
  /** Hands over each row as it comes, for answers that need not be kept. */
  stream(sql: string, onRow: (row: Row) => void): Promise<void>;
  /** Runs a statement whose errors are its answer, as those of DBCC are. @throws SqlServerError when the statement did not end. */
  errorsOf(sql: string): Promise<ServerMessage[]>;
  close(): Promise<void>;
}

interface Column {
  metadata: { colName: string };
  value: unknown;
}

interface Asked {
  onRow?(row: Row): void;
  /** Collects errors that are an answer. */
  errors?: ServerMessage[];
}

/** Errors of severity 20 and more end the connection. Below it, an error is an answer of the statement. */
const FATAL = 20;

/**
 * Opens a single connection of tedious rather than a pool of mssql. A pool replaces a broken connection by a new one in silence,
 * outside the transaction and the settings of the first.
 */
export async function openDriver(configuration: ConnectionConfiguration): Promise<Driver> {
  const connection = new Connection(configuration);
  let refusal: ServerMessage | undefined;
  const onRefusal = (message: unknown): void => {
    refusal ??= messageFrom(message);
  };
  connection.on('errorMessage', onRefusal);
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => {
      if (error === undefined) resolve();
      else reject(connectionErrorOf(error, refusal));
    });
  });
  connection.off('errorMessage', onRefusal);
  // A connection may break while nothing is asked. The next question reports it.
  connection.on('error', () => undefined);

  let last: Promise<unknown> = Promise.resolve();
  const ask = (sql: string, asked: Asked): Promise<void> => {
    const next = last.then(() => run(connection, sql, asked));
    last = next.catch(() => undefined);
    return next;
  };
  return {
    query: async (sql) => {
      const rows: Row[] = [];
      await ask(sql, { onRow: (row) => rows.push(row) });
      return rows;
    },
    stream: (sql, onRow) => ask(sql, { onRow }),
    errorsOf: async (sql) => {
      const errors: ServerMessage[] = [];
      await ask(sql, { errors });
      return errors;
    },
    close: () => close(connection),
  };
}

async function run(connection: Connection, sql: string, asked: Asked): Promise<void> {
  const { onRow, errors } = asked;
  const onError = (message: unknown): void => {
    errors?.push(messageFrom(message));
  };
  if (errors !== undefined) connection.on('errorMessage', onError);
  try {
    await new Promise<void>((resolve, reject) => {
      let broken: unknown;
      const request = new Request(sql, (error) => {
        if (broken !== undefined) reject(broken);
        else if (error === undefined || error === null || isAnswer(error, errors)) resolve();
        else reject(requestErrorOf(error));
      });
      request.on('row', (columns: Column[]) => {
        try {
          if (broken === undefined) onRow?.(rowOf(columns));
        } catch (error) {
          broken = error;
        }
      });
      // With sp_executesql, a transaction that begins inside it would be an error.
      connection.execSqlBatch(request);
    });
  } finally {
    connection.off('errorMessage', onError);
  }
}

function isAnswer(error: unknown, errors: ServerMessage[] | undefined): boolean {
  const said = requestErrorOf(error);
  return errors !== undefined && errors.length > 0 && said.severity !== undefined && said.severity < FATAL;
}

function rowOf(columns: Column[]): Row {
  return Object.fromEntries(
    columns.map(({ metadata, value }) => [metadata.colName, textOf(metadata, value)]),
  );
}

/** Accepts whole numbers, bits and text. The query must make any other value text: a date or a decimal of JavaScript may hold less. */
function textOf({ colName }: Column['metadata'], value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new TypeError(
    `column "${colName}" came as ${typeof value}; expected the query to convert it to text`,
  );
}

function messageFrom(token: unknown): ServerMessage {
  const { number, class: severity, state, message } = token as Record<string, unknown>;
  return {
    number: Number(number),
    severity: Number(severity),
    state: Number(state),
    message: String(message),
  };
}

/** Unwraps the error of the network or the TLS layer from the driver's. */
function connectionErrorOf(error: Error, refusal: ServerMessage | undefined): SqlServerError {
  if (refusal !== undefined) {
    const { number, severity, state, message } = refusal;
    return new SqlServerError(String(number), message, { severity, state, cause: error });
  }
  const origin = originOf(error);
  const code = 'code' in origin ? String(origin.code) : CONNECTION_LOST;
  return new SqlServerError(code === STATEMENT_TIMEOUT ? 'ETIMEDOUT' : code, origin.message, {
    cause: error,
  });
}

/** The error of the first address, if several addresses were tried in turn. */
function originOf(error: Error): Error {
  const { cause } = error;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return first instanceof Error ? first : error;
}

function requestErrorOf(error: unknown): SqlServerError {
  // Of several messages, the worst one says why. The others say what followed.
  const all: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const [worst] = all.map(oneRequestError).sort((a, b) => (b.severity ?? 0) - (a.severity ?? 0));
  return worst ?? new SqlServerError(CONNECTION_LOST, 'the connection was lost');
}

function oneRequestError(error: unknown): SqlServerError {
  if (!(error instanceof Error)) return new SqlServerError(CONNECTION_LOST, String(error));
  const about = error as Error & { code?: string; number?: number; class?: number; state?: number };
  const cause = { cause: error };
  if (about.number !== undefined)
    return new SqlServerError(String(about.number), about.message, {
      severity: about.class,
      state: about.state,
      ...cause,
    });
  // The driver gives this code to a statement that took too long, and to one that could then not be cancelled.
  if (about.code === STATEMENT_TIMEOUT) return new SqlServerError(STATEMENT_TIMEOUT, about.message, cause);
  const origin = error.cause instanceof Error && 'code' in error.cause ? error.cause : error;
  const code = 'code' in origin ? String(origin.code) : CONNECTION_LOST;
  const lost = ['ECLOSE', 'ESOCKET', 'EINVALIDSTATE'].includes(code);
  return new SqlServerError(lost ? CONNECTION_LOST : code, origin.message, cause);
}

/** The answers are in. A connection that breaks while it is closed changes nothing. */
async function close(connection: Connection): Promise<void> {
  if (connection.closed) return;
  await new Promise<void>((resolve) => {
    connection.once('end', () => resolve());
    connection.close();
  });
}
