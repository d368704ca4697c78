import { appendFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseResult, SweepCase } from './case.ts';
import { pairs, sample, singleFaults } from './cases.ts';
import { Pool } from './pool.ts';
import { aborts, worldFaults } from './world-cases.ts';

/** Runs between two words of how far the sweep is. */
const PROGRESS_EVERY = 50;

const USAGE = `Usage: npm run -s sweep -- [OPTIONS]

Replays a shutdown once for every call and every kind of fault, and looks after each run whether the invariants hold.

  --only TEXT      only the cases whose id contains this text (may be given more than once)
  --list           say which cases there are, and run none
  --sample N       only N of the cases, chosen by the seed
  --aborts         an operator's stop at every state, in place of the single faults
  --pairs N        N random pairs of faults, chosen by the seed, in place of the single faults
  --seed N         for --sample and --pairs (default: 1)
  --workers N      processes side by side (default: the machine's processors)
  --system NAME    which system of systems.ts (default: crm)
  --out DIR        for results and the folders of failed runs (default: out/sweep)
  --keep           keep every run's folder
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    list: { type: 'boolean' },
    sample: { type: 'string' },
    pairs: { type: 'string' },
    aborts: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    system: { type: 'string', default: 'crm' },
    out: { type: 'string', default: 'out/sweep' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit();
}

const number = (name: 'sample' | 'pairs' | 'seed' | 'workers'): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`sweep: --${name} ${values[name]}: expected a whole number`);
  process.exit(2);
};

const out = values.out;
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const begun = performance.now();
const results: CaseResult[] = [];
const pool = new Pool({
  system: values.system,
  workers: number('workers'),
  out,
  keep: values.keep,
  onResult: show,
});
const recording = await pool.record();
await writeFile(join(out, 'recording.json'), `${JSON.stringify(recording, null, 2)}\n`);
const cases = chosen();
if (values.list === true) {
  for (const each of cases) process.stdout.write(`${each.id}\n`);
  process.exit();
}
console.error(`sweep: ${cases.length} runs`);
await pool.run(cases);
summarise();

function chosen(): SweepCase[] {
  const singles = [...singleFaults(recording), ...worldFaults()];
  const all = values.aborts
    ? aborts(recording)
    : values.pairs === undefined
      ? singles
      : pairs(singles, number('pairs'), number('seed'));
  const only = values.only ?? [];
  const wanted = only.length === 0 ? all : all.filter(({ id }) => only.some((text) => id.includes(text)));
  return values.sample === undefined ? wanted : sample(wanted, number('sample'), number('seed'));
}

function show(result: CaseResult): void {
  results.push(result);
  // At once, so that a sweep that is cut off has told what it found.
  appendFileSync(join(out, 'results.jsonl'), `${JSON.stringify(result)}\n`);
  if (results.length % PROGRESS_EVERY === 0)
    console.error(`sweep: ${results.length} of ${cases.length} after ${seconds()} s`);
  if (result.broken.length === 0) return;
  const faults = JSON.stringify(cases.find((each) => each.id === result.id)?.faults);
  console.error(
    [
      `BROKEN ${result.id}: ${result.outcome}${result.error === undefined ? '' : ` (${result.error})`}`,
      ...result.broken.map((sentence) => `  ${sentence}`),
      `  see ${result.out}; again: npm run -s sweep -- ${values.aborts ? '--aborts ' : ''}${values.pairs === undefined ? '' : `--pairs ${values.pairs} --seed ${values.seed} `}--only '${result.id}' --keep`,
      `  or: npm run -s lights-out -- rehearse --out out/again --faults '${faults}'`,
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
    `${results.length} runs in ${seconds()} s (${(cpu / results.length).toFixed(2)} s of processor time each): ${count}\n` +
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
