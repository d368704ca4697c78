/** One kind of object, and the query for the name and definition of each. */
export interface Kind {
  kind: string;
  /**
   * Names of the definition's elements. An element whose name ends in `(hidden)` may hold a secret: only a difference of it is ever
   * shown.
   */
  facts: string[];
  sql: string;
  /**
   * For objects whose definition locks everything that they refer to, until the transaction ends: the query for their numbers, and the
   * query for the objects in $1. Ten thousand views at once take more locks than a server has room for.
   */
  batches?: { numbers: string; sql: string };
}

/** Facts on which the queries depend: the server, and what the user may see. */
export interface Catalog {
  /** The server's `server_version_num`. */
  version: number;
  /** Whether the user may see how subscriptions sign in to other servers. */
  seesConnections: boolean;
  /** Whether the user may see how user mappings sign in. */
  seesMappings: boolean;
}

/** Versions since which a catalog has the columns that are asked for. */
export const SINCE = { 15: 150000, 16: 160000, 17: 170000, 18: 180000 } as const;

/** Objects with a smaller number came with PostgreSQL and exist on every server. */
export const FIRST_NORMAL_OID = 16384;

/** Objects of the database itself, those of its extensions included. A session's own temporary objects are left out. */
export const own = (oid: string, schema = "''"): string =>
  `${oid} >= ${FIRST_NORMAL_OID} AND ${schema} <> 'pg_toast' AND ${schema} !~ '^pg_(toast_)?temp_'`;

export const qualified = (schema: string, name: string): string => `format('%I.%I', ${schema}, ${name})`;

/** A kind whose objects are asked for some at a time. @param number how `from` calls an object's number. */
export function inBatches(kind: Kind, number: string): Kind {
  const from = kind.sql.slice(kind.sql.indexOf(DEFINITION) + DEFINITION.length);
  return {
    ...kind,
    batches: {
      numbers: `SELECT ${number}::bigint::text AS number ${from} ORDER BY ${number}`,
      sql: `${kind.sql} AND ${number} = ANY ($1)`,
    },
  };
}

const DEFINITION = '::text AS definition ';

/**
 * Makes a kind's query. A definition is several facts as one text. A JSON array makes it unambiguous: it quotes each fact and tells
 * NULL from empty.
 *
 * @param from everything behind SELECT's list. For {@link inBatches} it ends in a condition, which AND may extend.
 */
export function kindOf(kind: string, name: string, facts: Record<string, string>, from: string): Kind {
  return {
    kind,
    facts: Object.keys(facts),
    sql: `SELECT ${name} AS name, json_build_array(${Object.values(facts).join(', ')})${DEFINITION}${from}`,
  };
}

export const owner = (oid: string): string => `pg_get_userbyid(${oid})`;

/** The elements as one text, in an order that is the same on every server. */
export const listed = (element: string, from: string): string =>
  `(SELECT string_agg(${element}, ', ' ORDER BY ${element}) ${from})`;

const sorted = (acl: string): string => listed('entry::text', `FROM unnest(${acl}) AS entry`);

/**
 * Privileges. No entry in the catalog stands for the default ones, so both are shown the same, whether they were ever granted or not.
 *
 * @param kind as `acldefault` takes it: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-ACLITEM.
 */
export const privileges = (acl: string, kind: string, ownedBy: string): string =>
  `CASE WHEN ${acl} IS NOT NULL THEN nullif(${sorted(acl)}, ${sorted(`acldefault('${kind}', ${ownedBy})`)}) END`;
