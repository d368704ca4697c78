import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SeedSqlError } from '../sql-statements.ts';
import { ADMINISTRATOR, type MariadbServer } from './server.ts';

/** `ERROR 1064 (42000) at line 12: You have an error …`, and of the client itself `ERROR at line 3: …`. */
const REFUSAL = /ERROR(?: \d+ \(\w+\))? at line (\d+)[^:]*: ([\s\S]+)/;

/**
 * Loads a SQL file by MariaDB's own client, which reads it as `mysqldump` meant it: DELIMITER, comments for certain versions, binary
 * strings. Its sandbox mode refuses the commands that would reach the file system or a shell.
 *
 * @param database - the one that statements run in until the file names another.
 * @throws SeedSqlError with file, line and the server's words.
 */
export async function loadSqlFile(file: string, server: MariadbServer, database: string): Promise<void> {
  const { programs, password } = server.options;
  const child = execFile(
    programs.client,
    [
      '--no-defaults',
      '--sandbox',
      '--local-infile=0',
      '--default-character-set=utf8mb4',
      `--socket=${server.socket}`,
      `--user=${ADMINISTRATOR}`,
      database,
    ],
    { env: { MYSQL_PWD: password }, maxBuffer: Number.POSITIVE_INFINITY },
  );
  let words = '';
  child.stderr?.on('data', (text: string) => {
    words += text;
  });
  // What a SELECT of the file prints is of no interest.
  child.stdout?.resume();
  const ended = once(child, 'close');
  if (child.stdin === null) throw new Error('the client has no standard input');
  // A client that gives up reads no further; what it said is what matters.
  await pipeline(createReadStream(file), child.stdin).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) {
      child.kill();
      throw new SeedSqlError(file, 1, '', error instanceof Error ? error.message : String(error));
    }
  });
  const [code] = (await ended) as [number | null];
  if (code === 0) return;
  const [, line = '1', problem = words] = REFUSAL.exec(words) ?? [];
  throw new SeedSqlError(file, Number(line), '', problem.trim().replaceAll(/\s+/g, ' '));
}
