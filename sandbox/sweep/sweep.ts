import { appendFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseResult, Recording, SweepCase } from './case.ts';
import { pairs, sample, singleFaults } from './cases.ts';
import { connectionFaults } from './connection-cases.ts';
import { cuts } from './cuts.ts';
import { Pool } from './pool.ts';
import { PROOF, proofCases, WRITTEN } from './proof-cases.ts';
import { redrivenAborts } from './redrive.ts';
import { sequelCases } from './sequel-run.ts';
import { SEQUEL_SYSTEM, SEQUELS } from './sequels.ts';
import { startupCases, startupPairs } from './startup-cases.ts';
import { FIRST, RETURNING, systems } from './systems.ts';
import { aborts, worldFaults } from './world-cases.ts';

type SystemResult = CaseResult & { system: string };

/** Runs between two words of how far the sweep is. */
const PROGRESS_EVERY = 50;

const USAGE = `Usage: npm run -s sweep -- [OPTIONS]

Replays a shutdown once for every call and every kind of fault, and looks after each run whether the invariants hold.

  --only TEXT      only the cases whose id contains this text (may be given more than once)
  --list           say which cases there are, and run none
  --sample N       only N of the cases, chosen by the seed
  --aborts         an operator's stop at every state, in place of the single faults
  --redrive        of the runs that do not succeed, mends what was broken and redrives them, which must do nothing; without --only, --aborts or
                   --pairs: of every fault that lasts until the end of the run, and of the world
  --watch          the faults of the functions that watch over the system between its runs (watch, keep, tidy), in what comes after one; of system
                   kept only
  --startup        the same of the start-up after a clean shutdown: every single fault of its calls, functions, connections and of a world that
                   starts, and an operator's stop; each is mended and followed by a second start-up; of system returning
  --prove          the same of a run that only proves a backup of the running system: every single fault of its calls, functions, connections, and
                   an operator's stop
  --cuts N         everything of the run stops at once at N random calls, hours pass, the system is shut down again
  --pairs N        N random pairs of faults, chosen by the seed, in place of the single faults
  --seed N         for --sample, --cuts and --pairs (default: 1)
  --workers N      processes side by side (default: the machine's processors)
  --system NAME    which system of sandbox/sweep/systems.ts, or "all" (may be given more than once; default: crm)
  --other          of every system but crm only the faults that a run of crm has no place for
  --out DIR        for results and the folders of failed runs (default: out/sweep)
  --keep           keep every run's folder
  --continue       goes on with a sweep that was cut off: what stands in results.jsonl of --out and holds is not run again
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    sample: { type: 'string' },
    cuts: { type: 'string' },
    pairs: { type: 'string' },
    aborts: { type: 'boolean', default: false },
    redrive: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    startup: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    system: { type: 'string', multiple: true },
    other: { type: 'boolean', default: false },
    out: { type: 'string', default: 'out/sweep' },
    keep: { type: 'boolean', default: false },
    continue: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit();
}

const number = (name: 'cuts' | 'sample' | 'pairs' | 'seed' | 'workers'): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`sweep: --${name} ${values[name]}: expected a whole number`);
  process.exit(2);
};

const out = values.out;
const results = values.continue ? await earlierResults(join(out, 'results.jsonl')) : [];
if (!values.continue) await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await writeFile(join(out, 'results.jsonl'), results.map((each) => `${JSON.stringify(each)}\n`).join(''));
const begun = performance.now();
const earlier = results.length;
let cases: SweepCase[] = [];
/** What happens in a run of crm already. */
const known = new Set<string>();
const names = systemNames();
if (values.other && !names.includes(FIRST))
  for (const { id } of possible(await recordingOf(FIRST))) known.add(id);
for (const system of names) {
  cases = chosen(values.watch ? await possibleSequels(system) : possible(await recordingOf(system)));
  if (values.other && system === FIRST) for (const { id } of cases) known.add(id);
  if (values.list === true) {
    for (const each of cases) process.stdout.write(`${names.length > 1 ? `${system}: ` : ''}${each.id}\n`);
    continue;
  }
  const over = new Set(results.filter((each) => each.system === system).map(({ id }) => id));
  const open = cases.filter(({ id }) => !over.has(id));
  console.error(`sweep: ${open.length} runs of ${system}`);
  await poolOf(system).run(open);
}
if (values.list !== true) summarise();

function systemNames(): string[] {
  const all = systems.map(({ name }) => name);
  const wanted = values.system ?? [values.watch ? SEQUEL_SYSTEM : values.startup ? RETURNING : FIRST];
  const unknown = wanted.find((name) => name !== 'all' && !all.includes(name));
  if (unknown !== undefined) {
    console.error(`sweep: --system ${unknown}: expected "all" or one of: ${all.join(', ')}`);
    process.exit(2);
  }
  return wanted.includes('all') ? all : wanted;
}

function poolOf(system: string): Pool {
  return new Pool({
    system,
    workers: number('workers'),
    // The folders of a sweep's first part stay.
    out: join(out, earlier === 0 ? system : `${system}-from-${earlier}`),
    keep: values.keep,
    onResult: (result) => show(system, result),
  });
}

/** Those that hold: what did not is tried again. A last line that was cut off with its sweep is none. */
async function earlierResults(file: string): Promise<SystemResult[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const good = lines
    .map((line) => JSON.parse(line) as SystemResult)
    .filter(({ broken }) => broken.length === 0);
  return [...new Map(good.map((each) => [`${each.system} ${each.id}`, each])).values()];
}

async function recordingOf(system: string, sequel?: string): Promise<Recording> {
  const recording = await poolOf(system).record({
    action: values.startup ? 'startup' : 'shutdown',
    ...(values.prove ? { input: PROOF, faults: [WRITTEN] } : {}),
    ...(sequel === undefined ? {} : { sequel }),
  });
  const name = ['recording', system, ...(sequel === undefined ? [] : [sequel.replaceAll(' ', '-')])].join(
    '-',
  );
  await writeFile(join(out, `${name}.json`), `${JSON.stringify(recording, null, 2)}\n`);
  return recording;
}

async function possibleSequels(system: string): Promise<SweepCase[]> {
  if (system !== SEQUEL_SYSTEM) {
    console.error(`sweep: --watch --system ${system}: expected ${SEQUEL_SYSTEM}`);
    process.exit(2);
  }
  const all: SweepCase[] = [];
  for (const sequel of SEQUELS) all.push(...sequelCases(sequel, await recordingOf(system, sequel.name)));
  return all;
}

function possible(recording: Recording): SweepCase[] {
  if (values.startup) {
    const all = startupCases(recording);
    return values.pairs === undefined ? all : startupPairs(all, number('pairs'), number('seed'));
  }
  if (values.prove) return proofCases(recording);
  const redriven = (all: SweepCase[]): SweepCase[] =>
    values.redrive ? all.map((each) => ({ ...each, redrive: true })) : all;
  if (values.aborts)
    return redriven([...aborts(recording), ...(values.redrive ? redrivenAborts(recording) : [])]);
  const singles = [...singleFaults(recording), ...connectionFaults(recording), ...worldFaults(recording)];
  if (values.cuts !== undefined) return cuts(recording, number('cuts'), number('seed'));
  if (values.pairs !== undefined) return redriven(pairs(singles, number('pairs'), number('seed')));
  // A fault that passes ends few runs: whoever wants those names them.
  return redriven(
    values.redrive && values.only === undefined ? singles.filter(({ id }) => isLasting(id)) : singles,
  );
}

function isLasting(id: string): boolean {
  return id.endsWith(' for ever') || id.startsWith('world ');
}

function chosen(possibilities: SweepCase[]): SweepCase[] {
  const all = possibilities.filter(({ id }) => !known.has(id));
  const only = values.only ?? [];
  const wanted = only.length === 0 ? all : all.filter(({ id }) => only.some((text) => id.includes(text)));
  return values.sample === undefined ? wanted : sample(wanted, number('sample'), number('seed'));
}

function show(system: string, result: CaseResult): void {
  const told = { system, ...result };
  results.push(told);
  // At once, so that a sweep that is cut off has told what it found.
  appendFileSync(join(out, 'results.jsonl'), `${JSON.stringify(told)}\n`);
  if (results.length % PROGRESS_EVERY === 0)
    console.error(`sweep: ${results.length} runs after ${seconds()} s`);
  if (result.broken.length === 0) return;
  const faults = JSON.stringify(cases.find((each) => each.id === result.id)?.faults);
  console.error(
    [
      `BROKEN ${system}: ${result.id}: ${result.outcome}${result.error === undefined ? '' : ` (${result.error})`}`,
      ...result.broken.map((sentence) => `  ${sentence}`),
      `  see ${result.out}; again: npm run -s sweep -- --system ${system} ${values.redrive ? '--redrive ' : ''}${values.aborts ? '--aborts ' : ''}${values.watch ? '--watch ' : ''}${values.startup ? '--startup ' : ''}${values.prove ? '--prove ' : ''}${values.cuts === undefined ? '' : `--cuts ${values.cuts} --seed ${values.seed} `}${values.pairs === undefined ? '' : `--pairs ${values.pairs} --seed ${values.seed} `}--only '${result.id}' --keep`,
      ...(values.cuts === undefined && !values.watch
        ? [
            `  or: LIGHTS_OUT_SYSTEMS=$PWD/sandbox/sweep/systems.ts npm run -s lights-out -- rehearse --system ${system} ${values.startup ? '--action startup ' : ''}${values.prove ? `--input '${JSON.stringify(PROOF)}' ` : ''}--out out/again --faults '${faults}'`,
          ]
        : []),
    ].join('\n'),
  );
}

function seconds(): number {
  return Math.round((performance.now() - begun) / 1000);
}

function summarise(): void {
  const count = Object.entries(Object.groupBy(results, ({ outcome }) => outcome))
    .map(([outcome, each]) => `${each?.length} ${outcome}`)
    .join(', ');
  const cpu = results.reduce((sum, each) => sum + each.cpuSeconds, 0);
  const broken = results.filter((each) => each.broken.length > 0).length;
  const idle = results.filter((each) => !each.happened);
  process.stdout.write(
    `${results.length} runs${earlier === 0 ? '' : `, ${results.length - earlier} of them now`}, in ${seconds()} s (${(cpu / results.length).toFixed(2)} s of processor time each): ${count}\n` +
      `${idle.length} in which the fault found no place; ${broken} in which something does not hold\n`,
  );
  if (idle.length > 0)
    process.stdout.write(
      `  no place: ${idle
        .slice(0, 10)
        .map(({ id }) => id)
        .join('; ')}\n`,
    );
  process.exitCode = broken === 0 ? 0 : 1;
}
