import { rm } from 'node:fs/promises';
import { defined } from '../../functions/contract/defined.ts';
import { messageOf } from '../../functions/contract/errors.ts';
import type { RunInput } from '../../functions/contract/input.ts';
import type { RunKind } from '../../functions/contract/run-kinds.ts';
import { parseFaults } from '../world/fault-injection.ts';
import type { CaseResult, Recording, SweepCase } from './case.ts';
import { judgeCut } from './cuts.ts';
import { judge } from './judge.ts';
import { record } from './record.ts';
import { judgeRedriven, mendAndRedrive } from './redrive.ts';
import { recordSequel, runSequel } from './sequel-run.ts';
import { sequelOf } from './sequels.ts';
import { runStartup } from './startup-run.ts';
import { startSweepWorld } from './world.ts';

/** What the sweep asks a worker process for. */
export type Order =
  | {
      kind: 'record';
      out: string;
      action: RunKind;
      input: RunInput;
      faults: object[];
      sequel: string | undefined;
    }
  | { kind: 'run'; case: SweepCase; out: string; keep: boolean };
export type Answer =
  | { kind: 'ready' }
  | { kind: 'recorded'; recording: Recording }
  | { kind: 'result'; result: CaseResult };

const [system = 'crm'] = process.argv.slice(2);
const starting = startSweepWorld(system);
/** However it ends, no database server and no folder is left behind. */
let isEnding = false;
const stop = (): void => {
  if (isEnding) return;
  isEnding = true;
  void starting.then((started) => started.stop()).finally(() => process.exit());
};
process.on('disconnect', stop).on('SIGINT', stop).on('SIGTERM', stop);
const world = await starting;
const send = (answer: Answer): void => void process.send?.(answer);

process.on('message', (order: Order) => {
  void obey(order);
});
send({ kind: 'ready' });

async function obey(order: Order): Promise<void> {
  if (order.kind === 'record') {
    const { out, action, input, faults, sequel } = order;
    const recording = await (sequel === undefined
      ? record(world, out, action, { input, faults })
      : recordSequel(world, out, sequelOf(sequel)));
    send({ kind: 'recorded', recording });
    return;
  }
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const { case: each, out, keep } = order;
  let result: Omit<CaseResult, 'seconds' | 'cpuSeconds'>;
  try {
    result = await run(each, out);
  } catch (error) {
    result = {
      id: each.id,
      outcome: 'none',
      broken: [`the sweep itself failed: ${error instanceof Error ? (error.stack ?? '') : messageOf(error)}`],
      happened: true,
    };
  }
  const kept = keep || result.broken.length > 0;
  if (!kept) await rm(out, { recursive: true, force: true });
  const used = process.cpuUsage(cpu);
  send({
    kind: 'result',
    result: {
      ...result,
      ...(kept ? { out } : {}),
      seconds: (performance.now() - begun) / 1000,
      cpuSeconds: (used.user + used.system) / 1e6,
    },
  });
}

async function run(each: SweepCase, out: string): Promise<Omit<CaseResult, 'seconds' | 'cpuSeconds'>> {
  if (each.sequel !== undefined) {
    return await runSequel(world, out, each, ({ record: { outcome }, broken }, { injector }) => ({
      id: each.id,
      outcome,
      broken,
      happened: injector.unused().length === 0,
    }));
  }
  if (each.startup !== undefined) return await runStartup(world, out, each);
  const faults = parseFaults(JSON.stringify(each.faults));
  if (each.redrive === true) {
    const options = { out, faults, input: each.input ?? {}, after: mendAndRedrive };
    return await world.run(options, async (rehearsal, sandbox) => {
      const error = (rehearsal.redriven ?? rehearsal).record.error?.name;
      return {
        id: each.id,
        ...(await judgeRedriven(rehearsal, sandbox, each, { out, canary: world.canary })),
        ...defined({ error }),
        happened: sandbox.injector.unused().length === 0,
      };
    });
  }
  const { input = {}, after } = each;
  return await world.run({ out, faults, input, after }, async (rehearsal, sandbox) => {
    const next = rehearsal.aftermath.find(({ run: started }) => started !== undefined)?.run;
    const error = next === undefined ? rehearsal.record.error?.name : next.error;
    return {
      id: each.id,
      outcome: next === undefined ? rehearsal.record.outcome : `cut off, the next run ${next.status}`,
      ...defined({ error }),
      broken:
        next === undefined
          ? await judge(rehearsal, sandbox, each, { out, canary: world.canary })
          : await judgeCut(rehearsal, sandbox, out),
      happened: sandbox.injector.unused().length === 0,
    };
  });
}
