import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { giveToServerUser } from './binaries.ts';
import type { PostgresServer } from './server.ts';

const run = promisify(execFile);

/** Left out of a base backup: https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP-DATA */
const NOT_COPIED = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot']);

/**
 * A real online base backup: the server goes on while its files are copied, and the write-ahead log, copied after the end mark,
 * makes them consistent when a server is started on them.
 */
export async function takeBackup(server: PostgresServer, target: string): Promise<void> {
  const source = server.options.dataDirectory;
  const client = await server.connect('postgres');
  try {
    await client.query("SELECT pg_backup_start('lights-out', fast => true)");
    await mkdir(target, { recursive: true, mode: 0o700 });
    await giveToServerUser(target);
    const entries = (await readdir(source)).filter((entry) => !NOT_COPIED.has(entry));
    await copy(
      entries.map((entry) => join(source, entry)),
      target,
    );
    const stopped = await client.query<{ labelfile: string; spcmapfile: string }>(
      'SELECT labelfile, spcmapfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    await copy([join(source, 'pg_wal')], target);
    await mkdir(join(target, 'pg_replslot'), { recursive: true, mode: 0o700 });
    await giveToServerUser(join(target, 'pg_replslot'));
    await writeFile(join(target, 'backup_label'), stopped.rows[0]?.labelfile ?? '', { mode: 0o600 });
    await giveToServerUser(join(target, 'backup_label'));
  } finally {
    await client.end();
  }
}

/** Lays a backup out as the data directory of another server. */
export async function layOut(backup: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await run('cp', ['-a', '--reflink=auto', backup, target]);
}

async function copy(paths: string[], target: string): Promise<void> {
  try {
    await run('cp', ['-a', '--reflink=auto', ...paths, target]);
  } catch (error) {
    // A relation's file may vanish while it is copied (a dropped table): the log makes up for it. GNU cp then ends with 1.
    const message = error instanceof Error ? error.message : String(error);
    if (!/No such file or directory/.test(message)) throw error;
  }
}
