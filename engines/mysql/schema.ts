import { createHash } from 'node:crypto';
import { type MysqlConnection, quoteName } from './connection.ts';

/** Hexadecimal digits of SHA-256 that are kept: 128 bits. */
const HASH_DIGITS = 32;

interface Listed {
  kind: string;
  name: string;
  /** The statement by which the server prints the definition. */
  show: string;
  /** For a trigger: after how many others of its kind it runs. Its definition does not say so. */
  place: string | null;
}

/** Columns of a SHOW CREATE that are not part of the definition: the name, and the time of creation. */
const NOT_DEFINITION = /^(Database|Created)$/i;

/** It stands behind the closing parenthesis of the columns, on the only line that begins with one. */
const NEXT_NUMBER = /^(\) .*?) AUTO_INCREMENT=\d+/m;

async function listObjects(connection: MysqlConnection, database: string): Promise<Listed[]> {
  const rows = await connection.query(
    `SELECT CASE TABLE_TYPE WHEN 'VIEW' THEN 'view' WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END AS kind, TABLE_NAME AS name, NULL AS place
       FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE NOT LIKE '%TEMPORARY%'
     UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, NULL FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?
     UNION ALL SELECT 'trigger', TRIGGER_NAME, ACTION_ORDER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?
     UNION ALL SELECT 'event', EVENT_NAME, NULL FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?
     ORDER BY 1, 2`,
    [database, database, database, database],
  );
  const listed = rows.map((row): Listed => {
    const [kind, name] = [row['kind'] ?? '', row['name'] ?? ''];
    return {
      kind,
      name,
      place: row['place'] ?? null,
      show: `SHOW CREATE ${kind.toUpperCase()} ${quoteName(database)}.${quoteName(name)}`,
    };
  });
  return [
    {
      kind: 'database',
      name: 'settings',
      place: null,
      show: `SHOW CREATE DATABASE ${quoteName(database)}`,
    },
    ...listed,
  ];
}

/**
 * Reads every object of a database by `kind name`, with its definition as the server itself prints it: columns, defaults, constraints,
 * indexes, partitions, collations, bodies with their `sql_mode`. The next AUTO_INCREMENT is no definition but a counter.
 *
 * @throws Error when a body is hidden from this user. A hidden body must not look equal.
 */
export async function mysqlDefinitions(
  connection: MysqlConnection,
  database: string,
  only?: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const definitions = new Map<string, string>();
  for (const { kind, name, show, place } of await listObjects(connection, database)) {
    const object = `${kind} ${name}`;
    if (only !== undefined && !only.has(object)) continue;
    const [row] = await connection.query(show);
    const facts = Object.entries(row ?? {}).filter(([fact]) => !NOT_DEFINITION.test(fact));
    const hidden = facts.find(([fact, value]) => value === null && /^(create|sql original)/i.test(fact));
    if (facts.length === 0 || hidden !== undefined)
      throw new Error(
        `the definition of ${object} is hidden from this user; expected "GRANT SHOW_ROUTINE ON *.*" on MySQL 8, "GRANT SELECT ON mysql.proc" on MariaDB`,
      );
    // A database that was restored under another name is still the same. Only a few definitions hold its own name.
    const printed = facts.map(([fact, value]) => `${fact}: ${value ?? ''}\n`).join('');
    const text = place === null ? printed : `${printed}order: ${place}\n`;
    definitions.set(
      object,
      (kind === 'table' ? text.replace(NEXT_NUMBER, '$1') : text)
        .replaceAll(`${quoteName(database)}.`, '')
        .replaceAll(quoteName(database), ''),
    );
  }
  return definitions;
}

export async function mysqlFingerprint(
  connection: MysqlConnection,
  database: string,
): Promise<Record<string, string>> {
  const definitions = await mysqlDefinitions(connection, database);
  return Object.fromEntries([...definitions].map(([object, text]) => [object, hashOf(text)]));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
