import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whether the process of a mark is there: `elsewhere` is one of another machine or container, which cannot be seen from here. */
export type Presence = 'living' | 'dead' | 'elsewhere';

/** What the system says of a process. */
interface Seen {
  /** Tells two processes apart that had the same number one after the other. */
  started: number;
  /** It has ended, and whoever started it has not asked how. */
  isZombie: boolean;
}

const MARK = /^([0-9a-f]{6})-([0-9a-z]+)-([0-9a-z]+)$/;

/** As a part of a regular expression: a mark inside a longer name. */
export const MARK_PATTERN = '[0-9a-f]{6}-[0-9a-z]+-[0-9a-z]+';

/**
 * Names a process for good: where it runs, its number, and when it was started, so that a later process with the same number is not taken
 * for it. Fits into a file's name.
 *
 * @param pid default: this process.
 * @throws Error when there is no such process.
 */
export function processMark(pid = process.pid): string {
  const seen = seenProcess(pid);
  if (seen === undefined) throw new Error(`process ${pid}: not found; expected a running one`);
  return `${machine()}-${pid.toString(36)}-${seen.started.toString(36)}`;
}

/** @param mark - what {@link processMark} answered. What is no mark is of nobody that could be seen: `elsewhere`. */
export function presenceOf(mark: string): Presence {
  const [, where, pid = '', started = ''] = MARK.exec(mark) ?? [];
  if (where !== machine()) return 'elsewhere';
  const seen = seenProcess(Number.parseInt(pid, 36));
  return seen === undefined || seen.isZombie || seen.started !== Number.parseInt(started, 36)
    ? 'dead'
    : 'living';
}

/** The number of the process that a mark names. */
export function pidOf(mark: string): number {
  return Number.parseInt(MARK.exec(mark)?.[2] ?? '', 36);
}

let here: string | undefined;

/** Process numbers mean something inside one machine or container only; a temporary folder may be shared by several. */
function machine(): string {
  if (here === undefined) {
    const namespace = existsSync('/proc/self/ns/pid') ? readlinkSync('/proc/self/ns/pid') : '';
    here = createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 6);
  }
  return here;
}

function seenProcess(pid: number): Seen | undefined {
  return existsSync('/proc/self/stat') ? seenInProc(pid) : seenByPs(pid);
}

/** Linux. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function seenInProc(pid: number): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold anything; state is the third, the start in ticks the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { started: Number(fields[19]), isZombie: fields[0] === 'Z' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}

/** Everywhere else: `ps` as POSIX has it, with the start that BSD and macOS know too. */
export function seenByPs(pid: number): Seen | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, state = '', start = ''] = /^\s*(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    return { started: Date.parse(start) / 1000, isZombie: state.startsWith('Z') };
  } catch (error) {
    // It ends with 1 when there is no such process.
    if (error instanceof Error && 'status' in error && error.status === 1) return undefined;
    throw error;
  }
}
