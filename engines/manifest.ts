/** Database engines whose contents can be compared. */
export type EngineName = 'postgres' | 'mysql' | 'mariadb' | 'sqlserver';

/** What a database contains, in numbers and hashes: no value of a row, so it may be kept as evidence. */
export interface Manifest {
  engine: EngineName;
  engineVersion: string;
  /** Proof of which server was read. */
  server: ServerIdentity;
  recordedAt: string;
  /** Absent once everything was read; until then the manifest is only to be gone on with. */
  incomplete?: true;
  databases: DatabaseManifest[];
}

export interface ServerIdentity {
  address: string;
  port: number;
  /** PostgreSQL's system identifier: a restored snapshot keeps it. Absent where the user may not read it. */
  systemIdentifier?: string;
  /** MySQL's and MariaDB's own name for a server and where its files lie. A restored snapshot may keep it. */
  instance?: string;
  /** When this server was started, ISO 8601: another time for the restored instance. */
  startedAt: string;
  /** How far its log had been written when the recording began (PostgreSQL: WAL position). Absent where the user may not read it. */
  writePosition?: string;
}

export interface DatabaseManifest {
  name: string;
  /** Every object of the schema with a hash of its definition, by `kind name`. */
  schema: Record<string, string>;
  /** By `"schema"."name"`. */
  sequences: Record<string, SequenceManifest>;
  tables: TableManifest[];
  notCompared: NotCompared[];
  /** The server's count of rows ever written to it, when the recording began and when it was complete; absent where it does not count. */
  rowsWritten?: { began: string; ended?: string };
  /** What the server had counted before anything of it was read; absent where it does not count by database. */
  writeCounters?: WriteCounters;
  /** Large tables that are read in parts and not read to the end yet, by name. */
  underWay?: Record<string, PartialTable>;
}

/** What a server counts of the writes to one database. */
export interface WriteCounters {
  /** By the name of a table: a text that moves only when its rows are written. */
  rows: Record<string, string>;
  /** Moves whenever anything is written that `rows` may leave out; it may move for other things too. */
  other: string;
  /** False when something may have been written that is not counted yet. */
  complete: boolean;
}

export interface TableManifest {
  /** `"schema"."table"`. */
  name: string;
  rows: number;
  /** 32 hexadecimal digits, the same whatever the order of the rows; duplicates do not cancel. */
  digest: string;
  /** Set for a table that was read in parts. */
  parts?: TableParts;
}

/** How a large table is cut into parts of equal span. */
export interface Cut {
  /** How much a part spans: blocks of the table's file (PostgreSQL), or numbers of the key (MySQL). The last one has no end. */
  span: number;
  /** First number of the key, in decimal digits; absent where parts span blocks. */
  from?: string | undefined;
  parts: number;
}

/** The parts of a table that were read so far. */
export interface PartialTable extends Cut {
  /** By index; null where a part is still to be read. */
  read: (PartManifest | null)[];
}

/** A large table's parts: where the copy has the same ones, a difference is looked for only in those that differ. */
export interface TableParts extends Pick<Cut, 'span' | 'from'> {
  read: PartManifest[];
}

export interface PartManifest {
  rows: number;
  digest: string;
}

/** Decimal strings: a sequence's values go beyond what a JSON number holds exactly. */
export interface SequenceManifest {
  lastValue: string;
  /** False when `lastValue` is still to be given out. */
  isCalled: boolean;
  increment: string;
  /** How many values are taken at a time, and may be skipped when the server is not shut down in order. */
  cache: string;
  /** Of MySQL's AUTO_INCREMENT: the highest number that a row has. */
  highest?: string;
  /** What `lastValue` is after a recovery, where the server says how far its log is ahead (PostgreSQL). */
  promised?: string;
}

export interface NotCompared {
  object: string;
  reason: string;
}

/** One difference: names, kinds and counts, never a value. */
export interface Difference {
  /** `database: object`. */
  object: string;
  kind: 'missing' | 'extra' | 'rows' | 'content' | 'schema' | 'sequence';
  detail: string;
  /** Parts of a large table that differ, as `blocks 0–32767`. */
  chunks?: string[];
  /**
   * Keys of rows that differ, at most {@link RowDifferences.limit} of them. Numbers, dates and UUIDs as they are; any other key could be
   * personal data and stands as `md5:…`, the MD5 of its text form. Of a table without a key: where the row lies, as `ctid (0,1)`.
   */
  keys?: string[];
  /** What is the matter with which key. */
  rows?: RowDifferences;
  /** Columns in which rows of one key differ, where those keys could be looked up: at most 20. */
  columns?: string[];
  /** True when the source itself was written to after its manifest was recorded: then it is no fault of the backup. */
  strayWrite?: true;
  /** How the definitions differ, line by line; literals in code are replaced by a hash. */
  diff?: string;
}

/** Rows that differ, found by their keys. */
export interface RowDifferences {
  /** Keys only in the source. */
  missing: string[];
  /** Keys only in the copy. */
  extra: string[];
  /** Keys in both, of rows that differ. */
  changed: string[];
  /** How many keys are named at most. */
  limit: number;
  /** False when there are more of them than were looked at. */
  all: boolean;
}

/** What the engine's own check of a copy said. */
export interface EngineCheck {
  /** What was done: `amcheck (verify_heapam, bt_index_parent_check)`. */
  method: string;
  /** How many objects were looked at. */
  checked: number;
  /** Damage found. */
  problems: CheckProblem[];
  /** What could not be checked, and why. */
  notChecked: NotCompared[];
}

export interface CheckProblem {
  object: string;
  /** In words that quote no row. */
  problem: string;
}

/** How a difference names an object of a database. */
export function objectName(database: string, name: string): string {
  return `${database}: ${name}`;
}

export interface Comparison {
  equal: boolean;
  tables: number;
  rows: number;
  differences: Difference[];
  notCompared: NotCompared[];
}

/** Tables compared with their rows, for the totals. */
export function totals(manifest: Manifest): { tables: number; rows: number } {
  const tables = manifest.databases.flatMap((database) => database.tables);
  return { tables: tables.length, rows: tables.reduce((sum, table) => sum + table.rows, 0) };
}
