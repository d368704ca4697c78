import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../../functions/contract/errors.ts';
import { isClaim } from '../rehearsal/output-claim.ts';
import { generator } from './cases.ts';

const USAGE = `Usage: npm run -s kills -- [OPTIONS]

Linux only. Kills a rehearsal's process at a random moment, starts the rehearsal again, and looks what is left: again and again.

  --times N   how often (default: 50)
  --seed N    chooses moments and ways (default: 1)
  --only N    only the kill of this number, of those that the seed chooses
  --speed N   simulated seconds in a real second (default: 2000)
  --out DIR   for the rehearsals' output and the results (default: out/kills)
`;

/** How a rehearsal is killed: its process, the whole group that it is the head of, or also the process that watches over it. */
const WAYS = ['process', 'group', 'group and watchdog'] as const;

/** What the operating system and the watchdog may take until nothing is left, in milliseconds. */
const GONE_WITHIN = 30_000;
/** Longest that a rehearsal may take on a busy machine, in milliseconds. */
const ENDS_WITHIN = 300_000;

const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    speed: { type: 'string', default: '2000' },
    out: { type: 'string', default: 'out/kills' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit();
}
const [times, seed, only] = [values.times, values.seed, values.only ?? '0'].map(Number);
if (![times, seed, only].every((value) => Number.isInteger(value) && Number(value) >= 0)) {
  console.error('kills: --times, --seed and --only: expected whole numbers');
  process.exit(2);
}

/** What became of one kill and of the rehearsal after it. */
interface Kill {
  number: number;
  way: (typeof WAYS)[number];
  /** When, in seconds after the start, and what the rehearsal had come to. */
  after: number;
  reached: string;
  /** Of the next rehearsal. */
  seconds: number;
  broken: string[];
}

const folder = resolve(values.out);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const out = join(folder, 'rehearsal');
// A folder of temporary files of its own: what is left there is left by these rehearsals, and every process of theirs names it.
const temporary = mkdtempSync(join(tmpdir(), 'kills-'));
await chmod(temporary, 0o755);
// A small database: the kills are about processes.
const seedSql = join(folder, 'crm.sql');
await writeFile(
  seedSql,
  "CREATE TABLE accounts (id int PRIMARY KEY, name text);\nINSERT INTO accounts SELECT n, 'account ' || n FROM generate_series(1, 1000) n;\n",
);

const kills: Kill[] = [];
try {
  // The first one synthesises; the second says how long one takes.
  await ended(start());
  let duration = await timed(() => ended(start()));
  for (let number = 1; number <= Number(times); number += 1) {
    if (only !== 0 && only !== number) continue;
    const result = await killOnce(number, duration);
    if (result.broken.length === 0) duration = result.seconds * 1000;
    kills.push(result);
    appendFileSync(join(folder, 'results.jsonl'), `${JSON.stringify(result)}\n`);
    const { way, after, reached, seconds, broken } = result;
    console.error(
      `${String(number).padStart(3)}: ${way} killed after ${after.toFixed(1)} s (${reached}); the next one took ${seconds.toFixed(1)} s${broken.length === 0 ? '' : ' BROKEN'}`,
    );
    for (const sentence of broken) console.error(`     ${sentence}`);
    if (broken.length > 0)
      console.error(
        `     see ${join(folder, `broken-${number}`)}; again: npm run -s kills -- --times ${times} --seed ${seed} --only ${number}`,
      );
  }
} finally {
  await rm(temporary, { recursive: true, force: true });
}
const bad = kills.filter(({ broken }) => broken.length > 0);
process.stdout.write(
  `${kills.length} kills (${WAYS.map((way) => `${kills.filter((each) => each.way === way).length} of the ${way}`).join(', ')}): after ` +
    `${kills.length - bad.length} the next rehearsal shut the system down and nothing was left; ${bad.length} in which something does not hold\n`,
);
process.exitCode = bad.length === 0 ? 0 : 1;

async function killOnce(number: number, duration: number): Promise<Kill> {
  const random = generator(Number(seed) * 100_000 + number);
  const way = WAYS[Math.floor(random() * WAYS.length)] ?? 'process';
  // Half of the next ones begin while the watchdog is still at work.
  const atOnce = random() < 0.5;
  let after = random() * duration;
  const broken: string[] = [];
  let child = start();
  // One that was faster than the ones before ended by itself: a little earlier, then.
  while (await endsWithin(child, after)) {
    after *= 0.8;
    child = start();
  }
  const watchdogs = way === 'group and watchdog' ? watchdogsOf() : [];
  const exit = once(child, 'exit');
  const { pid } = child;
  // 0 would be this process's own group.
  if (pid === undefined) throw new Error('the rehearsal could not be started');
  kill(way === 'process' ? pid : -pid);
  for (const watchdog of watchdogs) kill(watchdog);
  await exit;
  const reached = whatItReached();
  broken.push(...recordOf());
  if (way !== 'group and watchdog' && !atOnce) broken.push(...(await nothingLeft('after the kill')));

  const next = start();
  let words = '';
  next.stderr?.on('data', (text: Buffer) => {
    words += text.toString();
  });
  let code: number | string | null = null;
  const seconds =
    (await timed(async () => {
      code = await ended(next);
    })) / 1000;
  if (code !== 0) broken.push(`the next rehearsal ended with ${code}: ${words.trim()}`);
  const record = readRecord();
  if (record?.outcome !== 'succeeded')
    broken.push(
      `run.json of the next one says "${record?.outcome}" (${record?.error?.name}: ${record?.error?.message})`,
    );
  const { locks, testInstances, testVolumes, maintenance, database } = record?.resources ?? {};
  const leftThere = JSON.stringify([locks, testInstances, testVolumes, database, maintenance]);
  if (leftThere !== '[[],[],[],"stopped",true]') broken.push(`its world is not as it must be: ${leftThere}`);
  broken.push(...(await nothingLeft('after the next one')));
  const claims = readdirSync(out).filter(isClaim);
  if (claims.length > 0) broken.push(`the output folder is still claimed: ${claims.join(', ')}`);
  // To look at: the next kill empties the folder.
  if (broken.length > 0) await cp(out, join(folder, `broken-${number}`), { recursive: true });
  return { number, way, after: after / 1000, reached, seconds, broken };
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch (error) {
    // Ended by itself this very moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function start(): ChildProcess {
  return spawn(
    process.execPath,
    [CLI, 'rehearse', '--out', out, '--speed', values.speed, '--seed-sql', seedSql, '--json'],
    // Head of a group, as a shell makes it.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: temporary } },
  );
}

async function ended(child: ChildProcess): Promise<number | string | null> {
  child.stderr?.resume();
  if (child.exitCode !== null) return child.exitCode;
  const timer = setTimeout(() => child.kill('SIGTERM'), ENDS_WITHIN);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  return code ?? signal;
}

async function endsWithin(child: ChildProcess, milliseconds: number): Promise<boolean> {
  child.stderr?.resume();
  const waiting = new AbortController();
  const by = await Promise.race([
    once(child, 'exit').then(() => 'itself'),
    sleep(milliseconds, 'time', { signal: waiting.signal }),
  ]);
  waiting.abort();
  return by === 'itself';
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** The last word of the killed one's calls: how far it had got. */
function whatItReached(): string {
  const file = join(out, 'calls.jsonl');
  if (!readdirSync(out).some(isClaim)) return 'before it had claimed its folder, or when it was over';
  const last = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').at(-1) : '';
  if (last === undefined || last === '') return 'while it was being prepared';
  const call = JSON.parse(last) as { function: string; operation: string };
  return `${call.function} ${call.operation}`;
}

interface StoredRecord {
  outcome: string;
  error?: { name: string; message: string };
  runId: string;
  resources: Record<string, unknown>;
}

function readRecord(): StoredRecord | undefined {
  const file = join(out, 'run.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StoredRecord) : undefined;
}

/** What is there of a record is whole, and of the run whose evidence lies beside it. */
function recordOf(): string[] {
  try {
    const record = readRecord();
    if (record === undefined) return [];
    const runs = join(out, 'evidence', 'runs', 'crm');
    const isOwn = existsSync(runs) && readdirSync(runs).includes(record.runId);
    return isOwn ? [] : [`run.json tells of run ${record.runId}, whose evidence is not beside it`];
  } catch (error) {
    return [`run.json is not whole: ${messageOf(error)}`];
  }
}

async function nothingLeft(when: string): Promise<string[]> {
  let found: string[] = [];
  for (let waited = 0; waited < GONE_WITHIN; waited += 100) {
    found = [
      ...readdirSync(temporary).map((name) => `folder ${name}`),
      ...processes().map(({ pid, words }) => `process ${pid} (${words})`),
    ];
    if (found.length === 0) return [];
    await sleep(100);
  }
  return [`left ${when}: ${found.join(', ')}`];
}

/** Every process that was started by one of the rehearsals: its command or its environment names the folder of temporary files. */
function processes(): { pid: number; words: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      return `${words} ${environment}`.includes(temporary) ? [{ pid: Number(name), words }] : [];
    } catch (error) {
      // Ended meanwhile, or another user's.
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

function watchdogsOf(): number[] {
  return processes()
    .filter(({ words }) => words.includes('/leftovers/watchdog.ts'))
    .map(({ pid }) => pid);
}
