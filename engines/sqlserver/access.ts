import type { NotCompared } from '../manifest.ts';
import type { SqlServerConnection } from './connection.ts';
import { quoteName } from './names.ts';

/** Permissions of the user in one database, and the data that is hidden from the user. SQL Server hides data without a word. */
export interface Sight {
  /** The user's name in the database, quoted. */
  user: string;
  /** True with SELECT on the whole database, by db_datareader or more. */
  selects: boolean;
  /** True with VIEW DEFINITION on the whole database. Without it code has no text, and some objects are not listed. */
  seesDefinitions: boolean;
  /** Columns under a mask that hides their values from this user. */
  masked: string[];
  /** Tables of which a row-level security policy hides rows from this user. */
  filtered: string[];
  /** Number of tables whose very names are hidden by a DENY. Undefined where the user may not know. */
  hidden: number | undefined;
}

/** A permission is NULL in a version that does not have it yet. */
const PERMISSIONS = `SELECT QUOTENAME(USER_NAME()) AS [user], COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'SELECT'), 0) AS selects,
       COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION'), 0) AS definitions,
       COALESCE(HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UNMASK'), 0) AS unmask,
       CASE WHEN HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DATABASE STATE') = 1
              OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DATABASE PERFORMANCE STATE') = 1 THEN 1 ELSE 0 END AS [state]`;

const NAME = "QUOTENAME(s.name) + N'.' + QUOTENAME(o.name)";

const MASKED = `SELECT ${NAME} + N'.' + QUOTENAME(c.name) AS name
  FROM sys.masked_columns AS c JOIN sys.tables AS o ON o.object_id = c.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
 WHERE c.is_masked = 1 ORDER BY 1`;

/** Tables that a policy filters, with their number of rows. The count of sys.partitions is the same for every user. */
const FILTERED = `SELECT DISTINCT ${NAME} AS name,
       (SELECT CONVERT(varchar(20), SUM(p.rows)) FROM sys.partitions AS p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1)) AS [rows]
  FROM sys.security_policies AS y JOIN sys.security_predicates AS x ON x.object_id = y.object_id
  JOIN sys.tables AS o ON o.object_id = x.target_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
 WHERE y.is_enabled = 1 AND x.predicate_type_desc = 'FILTER' ORDER BY 1`;

/** Counts tables that storage knows and the catalog does not. The catalog lists only tables that the user may see. */
const HIDDEN = `SELECT COUNT(DISTINCT p.object_id) AS hidden FROM sys.dm_db_partition_stats AS p
 WHERE p.index_id IN (0, 1) AND NOT EXISTS (SELECT 1 FROM sys.all_objects AS o WHERE o.object_id = p.object_id)`;

export async function sightOf(connection: SqlServerConnection): Promise<Sight> {
  const [own] = await connection.query(PERMISSIONS);
  const masked =
    own?.['unmask'] === '1' ? [] : (await connection.query(MASKED)).map(({ name }) => name ?? '');
  const filtered: string[] = [];
  if (own?.['selects'] === '1') {
    for (const { name, rows } of await connection.query(FILTERED)) {
      const [seen] = await connection.query(
        `SELECT CONVERT(varchar(20), COUNT_BIG(*)) AS [rows] FROM ${name ?? ''}`,
      );
      if (seen?.['rows'] !== rows) filtered.push(name ?? '');
    }
  }
  const [hidden] = own?.['state'] === '1' ? await connection.query(HIDDEN) : [];
  return {
    user: own?.['user'] ?? '',
    selects: own?.['selects'] === '1',
    seesDefinitions: own?.['definitions'] === '1',
    masked,
    filtered,
    hidden: hidden === undefined ? undefined : Number(hidden['hidden']),
  };
}

/** A fact that keeps a database from being compared, and the statement that mends it. */
export interface Obstacle {
  problem: string;
  remedy: string;
}

/** Most names in one sentence. They are enough to see of what kind the objects are. */
const NAMES_SHOWN = 5;

function list(names: string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** @param database its name, not quoted. */
export function obstaclesOf(sight: Sight, database: string): Obstacle[] {
  const { user } = sight;
  const run = (statement: string): string => `run: USE ${quoteName(database)}; ${statement};`;
  const obstacles: Obstacle[] = [];
  if (!sight.selects)
    obstacles.push({
      problem: `user ${user} may not read everything in database "${database}", so a part of it could be hidden and not be compared`,
      remedy: run(`ALTER ROLE db_datareader ADD MEMBER ${user}`),
    });
  if (!sight.seesDefinitions)
    obstacles.push({
      problem: `user ${user} may not see the definitions in database "${database}" (code, constraints, users), so they could not be compared`,
      remedy: run(`GRANT VIEW DEFINITION TO ${user}`),
    });
  if (sight.masked.length > 0)
    obstacles.push({
      problem: `user ${user} sees only masks in ${list(sight.masked)} in database "${database}", so what they hold could not be compared`,
      remedy: run(`GRANT UNMASK TO ${user}`),
    });
  if (sight.filtered.length > 0)
    obstacles.push({
      problem: `a row-level security policy hides rows from user ${user} in ${list(sight.filtered)} in database "${database}", so they could not be compared`,
      remedy: `let the policy's predicate function pass user ${user}, or switch the policy off for the run: ALTER SECURITY POLICY … WITH (STATE = OFF);`,
    });
  return obstacles;
}

/**
 * Makes sure that nothing is hidden before a database is read. Data that is hidden on both sides would look equal.
 *
 * @throws Error with the hidden data and its remedy. @returns objects whose names are hidden, for the evidence.
 */
export async function requireSight(connection: SqlServerConnection): Promise<NotCompared[]> {
  const [database] = await connection.query('SELECT DB_NAME() AS name');
  const sight = await sightOf(connection);
  const obstacles = obstaclesOf(sight, database?.['name'] ?? '');
  if (obstacles.length > 0)
    throw new Error(obstacles.map(({ problem, remedy }) => `${problem}; ${remedy}`).join(' '));
  if (sight.hidden === undefined || sight.hidden === 0) return [];
  return [
    {
      object: `${sight.hidden} tables`,
      reason: 'a DENY keeps even their names from this user',
    },
  ];
}
