import { createHash } from 'node:crypto';
import type { NotCompared } from '../manifest.ts';
import { CODE_KINDS } from './catalog/code.ts';
import { DATABASE_KINDS } from './catalog/database.ts';
import { INDEX_KINDS } from './catalog/indexes.ts';
import type { CatalogKind } from './catalog/kinds.ts';
import { BROKER_KINDS, SECURITY_KINDS } from './catalog/security.ts';
import { TABLE_KINDS } from './catalog/tables.ts';
import type { SqlServerConnection } from './connection.ts';
import type { Row } from './driver.ts';
import { describeSqlServerError, sqlServerCodeOf } from './errors.ts';

export const CATALOG: CatalogKind[] = [
  ...DATABASE_KINDS,
  ...TABLE_KINDS,
  ...INDEX_KINDS,
  ...CODE_KINDS,
  ...SECURITY_KINDS,
  ...BROKER_KINDS,
];

/** SQL Server 2016, the oldest version that is read. */
const FIRST = 13;

/** Lists the kinds of objects that a version has. */
export function catalogOf(major: number): CatalogKind[] {
  return CATALOG.filter(({ since = FIRST }) => since <= major);
}

/** Hexadecimal digits of SHA-256 that are kept: 128 bits. */
const HASH_DIGITS = 32;

/**
 * Invalid column or object name: the catalog of this build differs. Such a kind is named as not compared, and the others are compared.
 */
const OTHER_CATALOG = ['207', '208'];

export interface Fingerprint {
  /** Every object by `kind name` with a hash of its definition. */
  schema: Record<string, string>;
  /** Objects of which only a part is in the hash. */
  notCompared: NotCompared[];
}

const ENCRYPTED =
  'made WITH ENCRYPTION: the server shows nobody its text; its name, owner and settings are compared';

/** Fingerprint of a database's schema. Only hashes are kept while it is read: texts of code may be many megabytes. */
export async function sqlServerFingerprint(connection: SqlServerConnection): Promise<Fingerprint> {
  const hashes = new Map<string, string[]>();
  const encrypted = new Set<string>();
  const unknown: NotCompared[] = [];
  for (const { kind, sql } of catalogOf(connection.major)) {
    try {
      await connection.stream(sql(connection.major), (row) => {
        const object = `${kind} ${row['name'] ?? ''}`;
        const own = hashes.get(object) ?? [];
        hashes.set(object, own);
        // JSON keeps facts apart: a text with lines of its own cannot pass for another fact.
        own.push(hash(JSON.stringify(factsOf(row))));
        if (row['without text'] === '1') encrypted.add(object);
      });
    } catch (error) {
      if (!OTHER_CATALOG.includes(sqlServerCodeOf(error) ?? '')) throw error;
      const reason = `this server's catalog is another than the one that is documented (${describeSqlServerError(error)})`;
      unknown.push({ object: `every ${kind}`, reason });
    }
  }
  return {
    schema: Object.fromEntries([...hashes].map(([object, own]) => [object, hash(own.sort().join('\n'))])),
    notCompared: [...[...encrypted].map((object) => ({ object, reason: ENCRYPTED })), ...unknown],
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

/**
 * Reads the definitions of some objects as lines of `fact: value`, to show how two differ.
 *
 * @param objects as {@link sqlServerFingerprint} names them.
 */
export async function sqlServerDefinitions(
  connection: SqlServerConnection,
  objects: string[],
): Promise<Map<string, string>> {
  const wanted = new Set(objects);
  const texts = new Map<string, string[]>();
  for (const { kind, sql } of catalogOf(connection.major)) {
    if (!objects.some((object) => object.startsWith(`${kind} `))) continue;
    await connection.stream(sql(connection.major), (row) => {
      const object = `${kind} ${row['name'] ?? ''}`;
      if (wanted.has(object)) texts.set(object, [...(texts.get(object) ?? []), linesOf(row)]);
    });
  }
  return new Map([...texts].map(([object, rows]) => [object, rows.sort().join('')]));
}

/** The facts of an object, without those that are NULL. */
function factsOf({ name: _name, ...facts }: Row): [fact: string, value: string][] {
  return Object.entries(facts).flatMap(([fact, value]) => (value === null ? [] : [[fact, value]]));
}

function linesOf(row: Row): string {
  return factsOf(row)
    .map(([fact, value]) => `${fact}: ${value}\n`)
    .join('');
}
