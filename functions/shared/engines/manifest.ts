/** What a database contains, in numbers and hashes: no value of a row, so it may be kept as evidence. */
export interface Manifest {
  engine: 'postgres';
  engineVersion: string;
  /** Proof of which server was read. */
  server: ServerIdentity;
  recordedAt: string;
  databases: DatabaseManifest[];
}

export interface ServerIdentity {
  address: string;
  port: number;
  /** PostgreSQL's system identifier: a restored snapshot keeps it. Absent where the user may not read it. */
  systemIdentifier?: string;
  /** When this server was started: another one for the restored instance. */
  startedAt: string;
}

export interface DatabaseManifest {
  name: string;
  /** Every object of the schema with a hash of its definition, by `kind name`. */
  schema: Record<string, string>;
  tables: TableManifest[];
  notCompared: NotCompared[];
}

export interface TableManifest {
  /** `"schema"."table"`, quoted where SQL needs it. */
  name: string;
  rows: number;
  /** Order-independent; duplicates do not cancel. */
  digest: string;
  /** How it was made: `binary` (record_send) or `text` where a column's type has no binary form. */
  method: 'binary' | 'text';
}

export interface NotCompared {
  object: string;
  reason: string;
}

/** One difference: names, kinds and counts, never a value. */
export interface Difference {
  /** `database: object`. */
  object: string;
  kind: 'missing' | 'extra' | 'rows' | 'content' | 'schema';
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

/** Compares what two manifests say. Equal only when every object is on both sides and the same. */
export function compareManifests(source: Manifest, restored: Manifest): Comparison {
  const differences: Difference[] = [];
  if (source.engineVersion !== restored.engineVersion) {
    differences.push({
      object: 'server',
      kind: 'schema',
      detail: `source runs ${source.engineVersion}, the copy ${restored.engineVersion}`,
    });
  }
  const copies = new Map(restored.databases.map((database) => [database.name, database]));
  for (const database of source.databases) {
    const copy = copies.get(database.name);
    if (copy === undefined) {
      differences.push({ object: database.name, kind: 'missing', detail: 'the database is not in the copy' });
    } else {
      differences.push(...compareDatabases(database, copy));
    }
    copies.delete(database.name);
  }
  for (const name of copies.keys()) {
    differences.push({ object: name, kind: 'extra', detail: 'the database is only in the copy' });
  }
  return {
    equal: differences.length === 0,
    ...totals(source),
    differences,
    notCompared: source.databases.flatMap((database) =>
      database.notCompared.map((entry) => ({ ...entry, object: `${database.name}: ${entry.object}` })),
    ),
  };
}

function compareDatabases(source: DatabaseManifest, copy: DatabaseManifest): Difference[] {
  const named = (object: string): string => `${source.name}: ${object}`;
  const differences: Difference[] = [];
  for (const object of new Set([...Object.keys(source.schema), ...Object.keys(copy.schema)])) {
    const before = source.schema[object];
    const after = copy.schema[object];
    if (before === after) continue;
    if (after === undefined) {
      differences.push({ object: named(object), kind: 'missing', detail: 'not in the copy' });
    } else if (before === undefined) {
      differences.push({ object: named(object), kind: 'extra', detail: 'only in the copy' });
    } else {
      differences.push({ object: named(object), kind: 'schema', detail: 'its definition differs' });
    }
  }
  const tables = new Map(copy.tables.map((table) => [table.name, table]));
  for (const table of source.tables) {
    const other = tables.get(table.name);
    tables.delete(table.name);
    if (other === undefined) {
      differences.push({
        object: named(table.name),
        kind: 'missing',
        detail: 'the table was not compared in the copy',
      });
    } else if (table.rows !== other.rows) {
      differences.push({
        object: named(table.name),
        kind: 'rows',
        detail: `${table.rows} rows in the source, ${other.rows} in the copy`,
      });
    } else if (table.digest !== other.digest || table.method !== other.method) {
      differences.push({
        object: named(table.name),
        kind: 'content',
        detail: `the same ${table.rows} rows in number, but not in content`,
      });
    }
  }
  for (const name of tables.keys()) {
    differences.push({
      object: named(name),
      kind: 'extra',
      detail: 'the table was compared only in the copy',
    });
  }
  return differences;
}
