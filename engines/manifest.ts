/** Database engines whose contents can be compared. */
export type EngineName = 'postgres' | 'mysql' | 'mariadb' | 'sqlserver';

/** What a database contains, in numbers and hashes. It holds no value of a row, so it may be kept as evidence. */
export interface Manifest {
  engine: EngineName;
  engineVersion: string;
  /** Proof of which server was read. */
  server: ServerIdentity;
  recordedAt: string;
  /** Absent once everything was read. Until then the manifest only serves to go on reading. */
  incomplete?: true;
  databases: DatabaseManifest[];
}

export interface ServerIdentity {
  address: string;
  port: number;
  /** PostgreSQL's system identifier: a restored snapshot keeps it. Absent where the user may not read it. */
  systemIdentifier?: string;
  /** MySQL's and MariaDB's own name for a server and the place of its files. A restored snapshot may keep it. */
  instance?: string;
  /** Start time of this server, ISO 8601. A restored instance has another one. */
  startedAt: string;
  /** Position of the server's log when the recording began (PostgreSQL: WAL position). Absent where the user may not read it. */
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
  /**
   * The server's count of rows ever written to the database, at the beginning and at the end of the recording. Absent where the server
   * does not count.
   */
  rowsWritten?: { began: string; ended?: string };
  /** The server's counters before anything of the database was read. Absent where the server does not count by database. */
  writeCounters?: WriteCounters;
  /** Large tables that are not read to the end yet, by name. */
  underWay?: Record<string, PartialTable>;
}

/** What a server counts of the writes to one database. */
export interface WriteCounters {
  /** By table: a text that moves only when the table's rows are written. */
  rows: Record<string, string>;
  /** Moves whenever anything is written that `rows` may leave out. It may also move for other reasons. */
  other: string;
  /** False when a write may not be counted yet. */
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
  /** Span of a part: blocks of the table's file (PostgreSQL), or numbers of the key (MySQL). The last part has no end. */
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

/** A large table's parts. If the copy has the same parts, a difference is looked for only in the parts that differ. */
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
  /** Values that are taken at a time. They may be skipped when the server is not shut down in order. */
  cache: string;
  /** Of MySQL's AUTO_INCREMENT: the highest number that a row has. */
  highest?: string;
  /** The `lastValue` after a recovery, where the server tells how far its log is ahead (PostgreSQL). */
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
   * Keys of rows that differ, at most {@link RowDifferences.limit} of them. Numbers, dates and UUIDs stand as they are. Any other key
   * could be personal data, so it stands as `md5:…`, the MD5 of its text form. A row without a key is named by its place, as `ctid
   * (0,1)`.
   */
  keys?: string[];
  /** The keys, by kind of difference. */
  rows?: RowDifferences;
  /** At most 20 columns in which rows of one key differ, where those keys could be looked up. */
  columns?: string[];
  /** True when the source was written to after its manifest was recorded. The difference is then no fault of the backup. */
  strayWrite?: true;
  /** Diff of the definitions, line by line. Literals in code are replaced by a hash. */
  diff?: string;
}

/** Rows that differ, found by their keys. */
export interface RowDifferences {
  /** Keys only in the source. */
  missing: string[];
  /** Keys only in the copy. */
  extra: string[];
  /** Keys in both, whose rows differ. */
  changed: string[];
  /** Most keys that are named. */
  limit: number;
  /** False when more rows differ than were looked at. */
  all: boolean;
}

/** Result of the engine's own check of a copy. */
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
