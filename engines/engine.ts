import type { SystemConfig } from '../functions/contract/config.ts';
import type { Reason } from '../functions/contract/plan-state.ts';
import type { Locator, Part } from './locator.ts';
import type {
  CheckProblem,
  Cut,
  EngineName,
  NotCompared,
  PartManifest,
  SequenceManifest,
  ServerIdentity,
  WriteCounters,
} from './manifest.ts';

export type { Cut } from './manifest.ts';

/**
 * One database server, as every step sees it. PostgreSQL, MySQL and MariaDB, and SQL Server stand behind this port. Everything here
 * only reads.
 *
 * The recorder does on top of it what is the same for every engine: connections side by side, tries after a broken connection, parts,
 * budgets, adding up.
 */
export interface Engine {
  /** Address and port of the server, as `address:port`. Messages name the server by it. */
  readonly endpoint: string;
  /** Most tables that one statement may read together. */
  readonly tablesAStatement: number;
  /** Bytes of a table that one statement should read, at least. A statement on a table of terabytes reads more. */
  readonly partBytes: number;
  /** Reads the server's identity and the names of its databases. */
  look(): Promise<ServerLook>;
  /** Opens one database to be read as of one moment, as far as the engine can. */
  open(database: string): Promise<Reading>;
  /** Opens one database to be asked where exactly it differs. */
  locator(database: string): Promise<Locator>;
  /** Counts the people who are signed in. @throws LightsOutError `InvalidConfiguration` when `sessionQuery` is wrong. */
  countSessions(filter: SessionFilter): Promise<number>;
  /**
   * Runs one SELECT read-only in a database. It answers the first column of the first row as the database writes it as text, `null` for NULL,
   * and undefined when there is no row. @throws the driver's error: {@link Engine.describe} says it without a row's value.
   */
  firstValue(database: string, statement: string): Promise<string | null | undefined>;
  /** Finds everything that would keep a run from proving this server's backup. Each reason names the statement that mends it. */
  inspect(question: InspectQuestion): Promise<Inspected>;
  /** The engine's own check of one database: `amcheck`, `CHECK TABLE`, `DBCC CHECKDB`. */
  check(database: string, options: CheckOptions): Promise<CheckResult>;
  /** Says what went wrong, in words that quote no row. */
  describe(error: unknown): string;
  /** True when the connection was the problem rather than the question. Another try may then succeed. */
  isConnectionProblem(error: unknown): boolean;
  /** Says what to do about an error, as the end of a sentence. */
  remedy(error: unknown): string;
}

export interface ServerLook {
  engine: EngineName;
  engineVersion: string;
  server: ServerIdentity;
  /** The CRM's databases that exist, without the server's own. */
  databases: string[];
}

/** One database, opened. */
export interface Reading {
  survey(): Promise<Survey>;
  /** Plans how a table larger than `partBytes` is cut. Undefined for a table that is read at once. */
  cut(table: SurveyedTable, partBytes: number): Promise<Cut | undefined>;
  /**
   * Rows written to the database's own tables since the server began to count, in decimal digits. Undefined when the server does not
   * tell. Absent where the engine does not count: then `writePosition` of the whole server has to do.
   */
  rowsWritten?(): Promise<string | undefined>;
  /**
   * The server's counters of writes to this database. Absent where the engine does not count by database: then `writePosition` of the
   * whole server has to do.
   */
  writeCounters?(): Promise<WriteCounters>;
  /** Makes a connection that reads contents, as of the same moment as the others where the engine can do that. */
  reader(): Promise<Reader>;
  close(): Promise<void>;
}

/** What a database holds, before any row was read. */
export interface Survey {
  /** Every object of the schema with a hash of its definition, by `kind name`. */
  schema: Record<string, string>;
  sequences: Record<string, SequenceManifest>;
  /** Largest first. */
  tables: SurveyedTable[];
  notCompared: NotCompared[];
}

export interface SurveyedTable {
  /** Name of the table in the manifest. */
  name: string;
  /** Size on the disk. */
  bytes: number;
}

export interface Reader {
  /** Reads the pieces of one statement. @returns one result for each piece, in the same order. */
  read(pieces: Piece[]): Promise<PartManifest[]>;
  close(): Promise<void>;
}

/** One table, or one part of a large one. It is plain data and may travel to another function. */
export interface Piece {
  table: string;
  /** Absent for a whole table. */
  part?: Part | undefined;
  /** True to read at most one row by the same statement, to learn whether the server can run it. */
  sample?: true | undefined;
}

/** Whose sessions count. */
export interface SessionFilter {
  /** Database users that are not people. */
  ignoreUsers: string[];
  /** Names of applications that are not people. */
  ignoreApplications: string[];
  /** A query that returns the number of signed-in users. It replaces the count of connections. */
  sessionQuery?: string | undefined;
  /** Count only connections to these databases. Default: all. */
  databases?: string[] | undefined;
}

export interface InspectQuestion {
  /** How reasons name the server: `database crm-db`. */
  resource: string;
  /** The user that asks. */
  user: string;
  /** Names of databases in the configuration. Undefined for every database. */
  wanted: string[] | undefined;
  drain: SystemConfig['drain'];
}

export interface Inspected {
  version: string;
  databases: { name: string; bytes: number; tables: number }[];
  sessions: number;
  reasons: Reason[];
}

export interface CheckOptions {
  /** Time after which no further object is begun (milliseconds since the epoch). One object is always checked. Default: never. */
  stopAt?: number;
  /** Objects that earlier calls have checked already. */
  checked?: string[];
  /**
   * True for a copy, which may be changed: the check then creates what it needs of the server (PostgreSQL's `amcheck` is an extension).
   * Never true for a source. Default false.
   */
  mayPrepare?: boolean;
}

export interface CheckResult {
  /** What was done, for the evidence: `amcheck (verify_heapam, bt_index_parent_check)`. */
  method: string;
  /** Objects looked at by this call. */
  checked: string[];
  /** False when `stopAt` came first. The next call then gets the objects checked so far. */
  complete: boolean;
  /** Damage found by this call. */
  problems: CheckProblem[];
  /** What could not be checked, and why. */
  notChecked: NotCompared[];
}
