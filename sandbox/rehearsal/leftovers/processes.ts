import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running process. */
export interface RunningProcess {
  pid: number;
  /** User that it runs as. */
  uid: number;
  /** Its program and arguments. */
  arguments: string[];
}

/** How long a server may take to end by itself, in milliseconds; then it is killed. */
const END_WITHIN = 5_000;
const LOOK_EVERY = 25;

const DATABASE_PROGRAM =
  /^(postgres|initdb|mariadbd|mysqld|mariadb-install-db|mysql_install_db|mariadb|mysql)$/;
const COPY_PROGRAM = /^cp$/;
const SHELL = /^(sh|dash|bash)$/;

/**
 * Whether a process is one that a rehearsal started for what lies in its work folder, by the command that it was started with: a database
 * program whose data directory is there, a service or a script of a server that is there, a copy inside. Whoever merely reads a file of
 * the folder (an editor, `tail`) is not.
 */
export function isOfFolder(folder: string, commandLine: readonly string[]): boolean {
  const [program = '', ...rest] = commandLine;
  const within = (path: string | undefined): boolean => path?.startsWith(`${folder}/`) === true;
  // `--datadir=/tmp/…`, and `-D /tmp/…`, which is two.
  const values = rest.map((argument) => argument.replace(/^--[a-z-]+=/, ''));
  const name = basename(program);
  if (DATABASE_PROGRAM.test(name)) return values.some(within);
  if (COPY_PROGRAM.test(name)) {
    const paths = rest.filter((argument) => !argument.startsWith('-'));
    return paths.length > 0 && paths.every((path) => path === folder || within(path));
  }
  if (!SHELL.test(name)) return false;
  const [first = '', , third] = rest;
  // A script of a server, a service (`sh -c TEXT NAME`), and MariaDB's installer, which is a script too.
  if (first === '-c') return within(third);
  return within(first) || (DATABASE_PROGRAM.test(basename(first)) && values.some(within));
}

/**
 * Ends every process of a work folder: database servers in a way that leaves nothing of theirs in the machine's shared memory, everything
 * else at once; then kills what is still there.
 *
 * @param uids users that such a process may run as.
 * @returns how many there were.
 */
export async function endProcessesOf(folder: string, uids: readonly number[]): Promise<number> {
  const ofFolder = (): RunningProcess[] =>
    runningProcesses().filter((each) => uids.includes(each.uid) && isOfFolder(folder, each.arguments));
  const found = ofFolder();
  for (const each of found) {
    const isServer = DATABASE_PROGRAM.test(basename(each.arguments[0] ?? ''));
    // A service is the head of a group of its own, with the `sleep` that it waits for.
    signal(each.pid, isServer ? 'SIGQUIT' : 'SIGKILL');
    // One that was stopped for a copy hears nothing before.
    if (isServer) signal(each.pid, 'SIGCONT');
  }
  let left = found;
  for (let waited = 0; left.length > 0 && waited < END_WITHIN; waited += LOOK_EVERY) {
    await sleep(LOOK_EVERY);
    left = ofFolder();
  }
  for (const each of left) signal(each.pid, 'SIGKILL');
  return found.length;
}

function signal(pid: number, name: NodeJS.Signals): void {
  for (const target of name === 'SIGKILL' ? [-pid, pid] : [pid]) {
    try {
      process.kill(target, name);
    } catch (error) {
      // Ended meanwhile, or no head of a group.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

function runningProcesses(): RunningProcess[] {
  return existsSync('/proc/self/cmdline') ? fromProc() : fromPs();
}

/** Linux. https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html */
export function fromProc(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): RunningProcess[] => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1);
        // A zombie and a thread of the kernel have none.
        if (commandLine.length === 0) return [];
        return [{ pid: Number(name), uid: statSync(`/proc/${name}`).uid, arguments: commandLine }];
      } catch (error) {
        if (
          error instanceof Error &&
          'code' in error &&
          ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code))
        )
          return [];
        throw error;
      }
    });
}

/** Everywhere else. An argument with a space in it is taken for two: the paths that are looked for have none. */
export function fromPs(): RunningProcess[] {
  const text = execFileSync('ps', ['-axww', '-o', 'pid=,uid=,command='], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split('\n').flatMap((line) => {
    const [, pid, uid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined) return [];
    return [{ pid: Number(pid), uid: Number(uid), arguments: command.split(/\s+/) }];
  });
}
