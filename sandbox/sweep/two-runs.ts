import { parseArgs } from 'node:util';
import { allOff } from '../rehearsal/invariants.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import { parseFaults } from '../world/fault-injection.ts';
import { sample, singleFaults } from './cases.ts';
import { record } from './record.ts';
import { startSweepWorld } from './world.ts';

/**
 * Two runs started at the same moment, again and again: exactly one goes on, the other is refused and names the holder. From the second
 * time on a single fault hits a call of the plan, another one each time, so that now one run and now the other is the faster.
 */
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'out/two-runs' },
  },
});
const times = Number(values.times);
const world = await startSweepWorld('crm');
let broken = 0;
let secondWon = 0;
try {
  const recording = await record(world, values.out);
  const ofThePlan = singleFaults(recording).filter(
    ({ id }) => id.startsWith('plan ') && !id.includes('for ever'),
  );
  const disturbances = sample(ofThePlan, ofThePlan.length, Number(values.seed));
  for (let time = 0; time < times; time += 1) {
    const disturbance = time === 0 ? undefined : disturbances[(time - 1) % disturbances.length];
    const faults = [{ world: 'second-run', at: 'Plan' }, ...(disturbance?.faults ?? [])];
    const { wrong, winner } = await world.run(
      { out: values.out, faults: parseFaults(JSON.stringify(faults)), input: {} },
      judgeBoth,
    );
    if (winner === 'second') secondWon += 1;
    if (wrong.length === 0) continue;
    broken += 1;
    console.error(
      `BROKEN ${disturbance?.id ?? 'without a fault'}: ${wrong.join('; ')}\n  again: npm run -s lights-out -- rehearse --out out/again --faults '${JSON.stringify(faults)}'`,
    );
  }
} finally {
  await world.stop();
}
process.stdout.write(
  `${times} times two runs at the same moment: ${times - broken} with exactly one that went on (${secondWon} times the one started second), ${broken} without\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

async function judgeBoth(
  { record: first, execution }: Rehearsal,
  sandbox: Sandbox,
): Promise<{ wrong: string[]; winner: 'first' | 'second' }> {
  const runs = [...sandbox.executions.all.values()].filter(({ machine }) => machine === execution.machine);
  const refused = runs.filter(({ error }) => error === 'RunInProgress');
  const [wentOn] = runs.filter(({ error }) => error !== 'RunInProgress');
  const wrong: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(sentence);
  };
  say(runs.length === 2, `${runs.length} runs were started`);
  say(refused.length === 1, `${refused.length} of them were refused`);
  say(
    wentOn?.status === 'SUCCEEDED',
    `the other ended as ${wentOn?.status} (${wentOn?.error}: ${wentOn?.cause})`,
  );
  say(
    refused.every(({ cause }) => cause?.includes(wentOn?.arn ?? '?') === true),
    `the refusal does not name the holder: ${refused[0]?.cause}`,
  );
  say(allOff(first), 'not everything is off');
  say(first.resources.locks.length === 0, 'a lock is left');
  say(first.resources.testInstances.length === 0, 'a test instance is left');
  say(sandbox.databases.snapshots.size === 1, `${sandbox.databases.snapshots.size} snapshots were taken`);
  return { wrong, winner: wentOn === execution ? 'first' : 'second' };
}
