/** What a database contains, in numbers and hashes: no value of a row, so it may be kept as evidence. */
export interface Manifest {
  engine: 'postgres';
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
  /** When this server was started, ISO 8601: another time for the restored instance. */
  startedAt: string;
}

export interface DatabaseManifest {
  name: string;
  /** Every object of the schema with a hash of its definition, by `kind name`. */
  schema: Record<string, string>;
  /** By `"schema"."name"`. */
  sequences: Record<string, SequenceManifest>;
  tables: TableManifest[];
  notCompared: NotCompared[];
  /** Large tables that are read in parts and not read to the end yet, by name. */
  underWay?: Record<string, PartialTable>;
}

export interface TableManifest {
  /** `"schema"."table"`. */
  name: string;
  rows: number;
  /** 32 hexadecimal digits, the same whatever the order of the rows; duplicates do not cancel. */
  digest: string;
  /**
   * What was hashed of a row: its `binary` form (PostgreSQL's own, with the types' numbers in it), or its `text` form where a type
   * is one of the database's own, whose number may differ between two servers, or has no binary form.
   */
  method: 'binary' | 'text';
}

/** Sums over the parts of a table that were read so far. */
export interface PartialTable {
  blocksPerPart: number;
  parts: number;
  /** Parts that were read, by index. */
  done: number[];
  rows: number;
  digest: string;
}

/** Decimal strings: a sequence's values go beyond what a JSON number holds exactly. */
export interface SequenceManifest {
  lastValue: string;
  /** False when `lastValue` is still to be given out. */
  isCalled: boolean;
  increment: string;
  cache: string;
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
