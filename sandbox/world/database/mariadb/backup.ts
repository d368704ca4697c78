import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { MariadbServer } from './server.ts';

const run = promisify(execFile);

/** How long the server's threads may take to stand still, in milliseconds. */
const STILL_WITHIN = 10_000;

/**
 * What a snapshot of the server's storage would hold, made without one. MariaDB's own way to such a snapshot is `BACKUP STAGE
 * BLOCK_COMMIT` (https://mariadb.com/kb/en/storage-snapshots-and-backup-stage-commands/): no commit is half-way, and Aria and MyISAM are
 * written out. It does not keep InnoDB from writing pages while `cp` reads them, though, and no utility is certain to be installed that
 * follows its log meanwhile. So the server's process is stopped for the copy: the files then hold what they would hold had it crashed at
 * this moment, since each write goes through the server's own threads to the operating system. InnoDB recovers from a crash, and so
 * it does from the copy. RDS too suspends input and output for a moment when it takes a snapshot of a Single-AZ instance.
 */
export async function takeBackup(server: MariadbServer, target: string): Promise<void> {
  const connection = await server.connect();
  try {
    await connection.query(
      'SET SESSION lock_wait_timeout = 60; BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT',
    );
    await whileStandingStill(server.pid, () => copy(server.options.dataDirectory, target));
    await connection.query('BACKUP STAGE END');
  } finally {
    await connection.end();
  }
}

/** Lays a backup out as the data directory of another server. */
export async function layOut(backup: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await copy(backup, target);
}

async function copy(source: string, target: string): Promise<void> {
  await run('cp', ['-a', '--reflink=auto', source, target]);
}

async function whileStandingStill(pid: number, work: () => Promise<void>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await untilStopped(pid);
    await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** A thread that is inside a write when the signal comes ends that write first. */
async function untilStopped(pid: number): Promise<void> {
  for (let waited = 0; waited < STILL_WITHIN; waited += 5) {
    const states = await threadStates(pid);
    if (states.length > 0 && states.every((state) => state === 'T')) return;
    await sleep(5);
  }
  throw new Error(`MariaDB (process ${pid}) did not stand still within ${STILL_WITHIN / 1000} s`);
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the state stands after the name, which may hold a parenthesis itself. */
async function threadStates(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder);
  const stats = await Promise.all(
    // A thread that ends between the two reads has nothing left to write.
    threads.map((thread) => readFile(join(folder, thread, 'stat'), 'utf8').catch(() => undefined)),
  );
  return stats.flatMap((stat) =>
    stat === undefined ? [] : (stat.slice(stat.lastIndexOf(')') + 2)[0] ?? []),
  );
}
