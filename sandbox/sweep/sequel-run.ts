import type { AfterStep } from '../rehearsal/aftermath.ts';
import type { EndedRun, Rehearsal } from '../rehearsal/run.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';
import { parseFaults } from '../world/fault-injection.ts';
import type { RecordedCall, Recording, SweepCase } from './case.ts';
import { singleFaults } from './cases.ts';
import { judgeSequel } from './judge-sequel.ts';
import { addOthers, type Belongings, everything, type Sequel, sequelOf } from './sequels.ts';
import type { SweepWorld } from './world.ts';

/** A fault is tried so shortly before and after something is touched, in milliseconds. */
const NEAR = 10 * 60_000;

/** What changes nothing that anybody would miss: reads, and notes in the bucket. */
const TOUCHES_NOTHING = /^(Describe|Get|List|Head|PutObject|DeleteObject)/;

/** Every single fault of the functions that watch, in what the recorded sequel gives a place for. */
export function sequelCases({ name }: Sequel, recording: Recording): SweepCase[] {
  return singleFaults(recording).map(({ id, faults }) => ({
    id: `${name}: ${id}`,
    faults,
    sequel: { name, mends: id.endsWith(' for ever') },
  }));
}

/** A shutdown, a sequel without any fault, and everything in it that can be hit. */
export async function recordSequel(world: SweepWorld, out: string, sequel: Sequel): Promise<Recording> {
  const nothing: SweepCase = { id: sequel.name, faults: [], sequel: { name: sequel.name, mends: false } };
  return await runSequel(world, out, nothing, ({ record, broken }, { calls, injector }) => {
    if (broken.length > 0)
      throw new Error(`"${sequel.name}" without faults: ${broken.join('; ')}; see ${out}`);
    const isWatching = (step: string): boolean => sequel.hits.some((each) => each === step);
    const touched = calls.calls
      .filter((call) => isWatching(call.function) && !TOUCHES_NOTHING.test(call.operation))
      .map(({ at }) => Date.parse(at));
    const begun = Date.parse(record.endedAt);
    const isNear = (at: number): boolean =>
      at > begun && (sequel.atAnyTime === true || touched.some((moment) => Math.abs(moment - at) <= NEAR));
    const isHit = (step: string, at: number): boolean => isWatching(step) && isNear(at);
    return {
      calls: notOverAndOver(
        calls.calls.map(({ at, function: step, service, operation, resources }) => ({
          call: { function: step, service, operation },
          what: `${step} ${operation} ${resources.join()}`,
          isHit: isHit(step, Date.parse(at)),
        })),
      ),
      invocations: injector.invoked.map(({ at, function: step }) => ({
        function: step,
        ...(isHit(step, at) ? {} : SPARED),
      })),
      connections: [],
      states: [],
      tasks: [],
    };
  });
}

const SPARED = { spared: true } as const;

/** Of calls that ask the same again and again, until something has changed, the first two are hit and the last. */
function notOverAndOver(calls: { call: RecordedCall; what: string; isHit: boolean }[]): RecordedCall[] {
  const hits = calls.filter(({ isHit }) => isHit);
  return calls.map((each) => {
    const same = hits.filter(({ what }) => what === each.what);
    const place = same.indexOf(each);
    const isTried = each.isHit && (place < 2 || place === same.length - 1);
    return isTried ? each.call : { ...each.call, ...SPARED };
  });
}

/** A shutdown, and what comes after it with the case's faults. @param look sees what does not hold. */
export async function runSequel<Seen>(
  world: SweepWorld,
  out: string,
  each: SweepCase,
  look: (ended: Rehearsal, sandbox: Sandbox) => Seen,
): Promise<Seen> {
  const sequel = sequelOf(each.sequel?.name ?? '');
  const faults = parseFaults(JSON.stringify(each.faults));
  const belongings: Belongings = { stays: [], goes: [] };
  const after = (ended: EndedRun, sandbox: Sandbox): AfterStep[] => {
    const before = everything(sandbox);
    const { stays = [], goes = [] } = sequel.add?.(sandbox, ended, out) ?? {};
    belongings.stays.push(...before, ...stays, ...addOthers(sandbox));
    belongings.goes.push(...goes);
    return each.sequel?.mends === true ? [...sequel.steps, { mend: true }, sequel.madeUpFor] : sequel.steps;
  };
  return await world.run({ out, faults, input: {}, after }, async (rehearsal, sandbox) => {
    const folders = { ...belongings, out, canary: world.canary };
    const broken = await judgeSequel(sequel, rehearsal, sandbox, each, folders);
    return look({ ...rehearsal, broken }, sandbox);
  });
}
