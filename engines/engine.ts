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
 * One database server, as all steps see it: the port behind which PostgreSQL, MySQL and MariaDB, and SQL Server stand. Everything
 * here reads only. What is the same for every engine (several connections side by side, tries after a broken connection, parts,
 * budgets, adding up) is done once, on top of this, in `recorder.ts`.
 */
export interface Engine {
  /** Where the server is, as `address:port`: how messages name it. */
  readonly endpoint: string;
  /** Tables that one statement may read together, at most. */
  readonly tablesAStatement: number;
  /** How much of a table one statement should read at least, in bytes; of a table of terabytes it is more. */
  readonly partBytes: number;
  /** Who the server is and what databases it has. */
  look(): Promise<ServerLook>;
  /** Opens one database to be read as of one moment, as far as the engine can. */
  open(database: string): Promise<Reading>;
  /** Opens one database to be asked where exactly it differs. */
  locator(database: string): Promise<Locator>;
  /** Signed-in people: see {@link SessionFilter}. @throws LightsOutError `InvalidConfiguration` when `sessionQuery` is wrong. */
  countSessions(filter: SessionFilter): Promise<number>;
  /** Everything that would keep a run from proving this server's backup, each with the statement that mends it. */
  inspect(question: InspectQuestion): Promise<Inspected>;
  /** The engine's own check of one database: `amcheck`, `CHECK TABLE`, `DBCC CHECKDB`. */
  check(database: string, options: CheckOptions): Promise<CheckResult>;
  /** What went wrong, in words that quote no row. */
  describe(error: unknown): string;
  /** True when the connection, rather than the question, was the problem: worth another try. */
  isConnectionProblem(error: unknown): boolean;
  /** What to do about an error, as the end of a sentence. */
  remedy(error: unknown): string;
}

export interface ServerLook {
  engine: EngineName;
  engineVersion: string;
  server: ServerIdentity;
  /** The CRM's databases that exist: the server's own are left out. */
  databases: string[];
}

/** One database, opened. */
export interface Reading {
  survey(): Promise<Survey>;
  /** How a table that is larger than `partBytes` is cut; undefined for one that is read at once. */
  cut(table: SurveyedTable, partBytes: number): Promise<Cut | undefined>;
  /**
   * How many rows were written to the database's own tables since the server began to count, in decimal digits; undefined when it does not
   * tell. Absent where the engine does not count: then `writePosition` of the whole server has to do.
   */
  rowsWritten?(): Promise<string | undefined>;
  /** What the server counts of the writes to this database. Absent where it does not count by database: then `writePosition` of the whole server has to do. */
  writeCounters?(): Promise<WriteCounters>;
  /** A connection that reads contents, in the same moment as the others where the engine knows how. */
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
  /** How the manifest names it. */
  name: string;
  /** What lies on the disk. */
  bytes: number;
}

export interface Reader {
  /** Reads one statement's worth. @returns a result a piece, in their order. */
  read(pieces: Piece[]): Promise<PartManifest[]>;
  close(): Promise<void>;
}

/** One table, or one part of a large one. Plain data: it may travel to another function. */
export interface Piece {
  table: string;
  /** Left out for a whole table. */
  part?: Part | undefined;
  /** One row at most, by the same statement: to learn whether the server can run it. */
  sample?: true | undefined;
}

/** Whose sessions count. */
export interface SessionFilter {
  /** Database users that are not people. */
  ignoreUsers: string[];
  /** Names of applications that are not people. */
  ignoreApplications: string[];
  /** A query that returns the number of signed-in users, in place of counting connections. */
  sessionQuery?: string | undefined;
  /** Count only connections to these databases. Default: all. */
  databases?: string[] | undefined;
}

export interface InspectQuestion {
  /** How reasons name it: `database crm-db`. */
  resource: string;
  /** The user that asks. */
  user: string;
  /** Names in the configuration; undefined for every database. */
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
  /** Begin nothing after this time (milliseconds since the epoch), but one thing at least. Default: never. */
  stopAt?: number;
  /** Objects that earlier calls have checked already. */
  checked?: string[];
  /**
   * True for a copy that may be changed: what the check needs of the server and does not find is made there (PostgreSQL's `amcheck` is
   * an extension). Never for a source. Default false.
   */
  mayPrepare?: boolean;
}

export interface CheckResult {
  /** What was done, for the evidence: `amcheck (verify_heapam, bt_index_parent_check)`. */
  method: string;
  /** Objects looked at by this call. */
  checked: string[];
  /** False when `stopAt` came first: call again with what was checked so far. */
  complete: boolean;
  /** Damage found by this call. */
  problems: CheckProblem[];
  /** What could not be checked, and why. */
  notChecked: NotCompared[];
}
