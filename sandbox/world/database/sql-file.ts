import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readStatements, SeedSqlError, type SqlItem } from './sql-statements.ts';

/** psql commands that change nothing about what is loaded. */
const HARMLESS = new Set([
  'restrict',
  'unrestrict',
  'set',
  'unset',
  'echo',
  'pset',
  'timing',
  'encoding',
  'qecho',
  'warn',
]);
const CONNECT = new Set(['c', 'connect']);

/** Statements that put nothing into the database they run in: settings, and other databases. */
const SAYS_NOTHING = /^\s*(set\b|select\s+pg_catalog\.set_config|(create|drop|alter)\s+database\b)/i;

/** SQLSTATE undefined_object: an owner or grantee that this server does not have. */
const UNKNOWN_ROLE = '42704';

export interface LoadedSql {
  /** Databases that statements were run in. */
  databases: string[];
  statements: number;
}

/**
 * Loads a SQL file as psql would: plain SQL, and plain `pg_dump` output with its COPY blocks, `\\connect` and `\\restrict` lines. Roles
 * that the file names but the server lacks are made, without a login.
 *
 * @throws SeedSqlError with file, line and statement.
 */
export async function loadSqlFile(
  file: string,
  database: string,
  connect: (database: string) => Promise<pg.Client>,
): Promise<LoadedSql> {
  const used = new Set<string>();
  let client = await connect(database);
  let current = database;
  let statements = 0;
  try {
    for await (const item of readStatements(file)) {
      if (item.kind === 'meta') {
        const target = connectTarget(item, file);
        if (target === undefined) continue;
        await client.end();
        client = await reconnect(connect, target, item, file);
        current = target;
        continue;
      }
      await runItem(client, item, file);
      statements += 1;
      if (!SAYS_NOTHING.test(item.text)) used.add(current);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
  if (statements === 0)
    throw new SeedSqlError(
      file,
      1,
      '',
      'the file holds no statement; expected SQL, such as plain pg_dump output',
    );
  return { databases: [...used], statements };
}

function connectTarget(item: SqlItem, file: string): string | undefined {
  const [command = '', ...words] = item.text.slice(1).replace(/;\s*$/, '').split(/\s+/);
  if (HARMLESS.has(command)) return undefined;
  if (!CONNECT.has(command)) {
    throw new SeedSqlError(
      file,
      item.line,
      item.text,
      `psql command \\${command} is not known here; expected SQL, COPY blocks and \\connect`,
    );
  }
  const target = words
    .find((word) => !word.startsWith('-'))
    ?.replace(/^"(.*)"$/, '$1')
    .replaceAll('""', '"');
  const named =
    target?.startsWith('dbname=') === true ? target.slice('dbname='.length).replaceAll("'", '') : target;
  if (named === undefined) throw new SeedSqlError(file, item.line, item.text, 'expected a database name');
  return named;
}

async function reconnect(
  connect: (database: string) => Promise<pg.Client>,
  target: string,
  item: SqlItem,
  file: string,
): Promise<pg.Client> {
  try {
    return await connect(target);
  } catch (error) {
    throw new SeedSqlError(
      file,
      item.line,
      item.text,
      error instanceof Error ? error.message : String(error),
    );
  }
}

async function runItem(client: pg.Client, item: SqlItem, file: string, retried = false): Promise<void> {
  try {
    if (item.kind === 'copy')
      await pipeline(Readable.from(item.rows, { objectMode: false }), client.query(copyFrom(item.text)));
    else await client.query(item.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const role = /role "(.+)" does not exist/.exec(message)?.[1];
    if (code === UNKNOWN_ROLE && role !== undefined && item.kind === 'statement' && !retried) {
      await client.query(`CREATE ROLE "${role.replaceAll('"', '""')}"`);
      await runItem(client, item, file, true);
      return;
    }
    throw new SeedSqlError(file, item.line, item.text, message);
  }
}
