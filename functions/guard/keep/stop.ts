import type { SystemConfig } from '../../contract/config.ts';
import type { ExecutionReference, Progress } from '../../contract/state.ts';
import type { KeepInput } from '../../contract/watch.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { predictWait } from '../../runtime/prediction.ts';
import { elapsed } from '../../runtime/step.ts';
import { changeIntent, type Intent, readIntent } from '../intent.ts';
import { livingHolder } from '../lock.ts';
import { requireProof } from '../proof.ts';
import { isSwitchedOff, lookAt, requestStops } from './look-at-targets.ts';

export interface Kept extends Progress {
  /** `stopped`: by this execution. `found-off`: it was off already. `left`: it is not to be stopped, `reason` says why. */
  outcome: 'under way' | 'stopped' | 'found-off' | 'left';
  reason?: string;
  /** As RDS and EC2 said it at the last look. */
  states: Record<string, string>;
  /** What this execution found on, `database crm-db` … */
  foundOn: string[];
}

/** What a database takes to start and to stop, in seconds, to plan the looks by. */
const EXPECTED_SECONDS = 15 * 60;

/** One round. The mark, the lock and the proof are looked at again in each, right before anything is asked to stop. */
export async function stopAgain(
  execution: ExecutionReference,
  state: KeepInput & { kept?: Kept },
): Promise<Kept> {
  const config = await readConfiguration();
  const { since, seconds } = elapsed(state.kept);
  const left = await whyLeft(config, state.runId);
  const before = { since, foundOn: state.kept?.foundOn ?? [], states: state.kept?.states ?? {} };
  if (left !== undefined) return { ...before, done: true, waitSeconds: 0, outcome: 'left', reason: left };
  // Without the proof nothing is stopped, the servers neither: the operators are to look first.
  await requireProof(config, state.runId);
  const found = await lookAt(config, state.targets, seconds);
  const states = Object.fromEntries(found.map(({ name, status }) => [name, status]));
  const on = found.filter((each) => !isSwitchedOff(each)).map(({ name }) => name);
  const foundOn = await noteFound(config.name, execution.id, state.runId, [
    ...new Set([...before.foundOn, ...on]),
  ]);
  if (foundOn === undefined) {
    const reason = 'the system is not meant to be off any more, since this very moment';
    return { ...before, done: true, waitSeconds: 0, outcome: 'left', reason };
  }
  if (on.length > 0) {
    await requestStops(config, found);
    const waitSeconds = predictWait({ elapsedSeconds: seconds, expectedSeconds: EXPECTED_SECONDS });
    return { since, foundOn, states, done: false, waitSeconds, outcome: 'under way' };
  }
  const own = await noteStopped(config.name, execution.id, state, foundOn);
  const outcome = own.length > 0 ? 'stopped' : 'found-off';
  return { since, foundOn: own, states, done: true, waitSeconds: 0, outcome };
}

/** Why nothing is to be stopped now, or undefined. */
async function whyLeft(config: SystemConfig, runId: string): Promise<string | undefined> {
  const intent = (await readIntent(config.name))?.value;
  if (intent?.wanted !== 'off')
    return `the system is meant to be on${intent === undefined ? '' : ` since ${intent.since}, by ${intent.by}`}`;
  if (intent.run?.id !== runId) return `another run, ${intent.run?.id ?? 'unknown'}, has shut it down since`;
  const holder = await livingHolder(config.name);
  return holder === undefined ? undefined : `run ${holder.runId} is in progress`;
}

/**
 * Notes what is on, right before it is asked to stop.
 *
 * @returns what this execution has found on so far, also in a call of it that was killed; undefined when the system is not meant to be off by that run any more.
 */
async function noteFound(
  system: string,
  execution: string,
  runId: string,
  names: string[],
): Promise<string[] | undefined> {
  const own = (intent: Intent | undefined): string[] =>
    intent?.stopping?.find(({ by }) => by === execution)?.foundOn ?? [];
  const isOurs = (intent: Intent | undefined): boolean =>
    intent?.wanted === 'off' && intent.run?.id === runId;
  const { intent } = await changeIntent(system, (current) => {
    const foundOn = [...new Set([...own(current), ...names])];
    if (current === undefined || !isOurs(current) || foundOn.length === own(current).length) return undefined;
    const others = (current.stopping ?? []).filter(({ by }) => by !== execution);
    return { ...current, stopping: [...others, { by: execution, foundOn }] };
  });
  return isOurs(intent) ? [...new Set([...own(intent), ...names])] : undefined;
}

/**
 * Notes that it is off again. Of two executions for one start each thing is noted by one, also when its answer was lost.
 *
 * @returns what this one has to tell of.
 */
async function noteStopped(
  system: string,
  execution: string,
  { runId, stoppedAt }: KeepInput,
  foundOn: string[],
): Promise<string[]> {
  const now = new Date(Date.now()).toISOString();
  const { intent } = await changeIntent(system, (current) => {
    if (current?.wanted !== 'off' || current.run?.id !== runId) return undefined;
    const isSameStart = isSeenTo(current, stoppedAt);
    // Another start has been seen to since.
    if (!isSameStart && current.stoppedAt !== stoppedAt) return undefined;
    const before = isSameStart ? (current.seenTo?.by ?? {}) : {};
    const fresh = foundOn.filter((name) => before[name] === undefined);
    // What somebody else had stopped by then was a start all the same.
    if (fresh.length === 0 && isSameStart) return undefined;
    const { stopping = [], ...kept } = current;
    const others = stopping.filter(({ by }) => by !== execution);
    const told = { ...before, ...Object.fromEntries(fresh.map((name) => [name, execution])) };
    return {
      ...kept,
      ...(others.length === 0 ? {} : { stopping: others }),
      seenTo: { ...(stoppedAt === undefined ? {} : { stoppedAt }), by: told },
      stoppedAt: now,
      stoppedAgain: current.stoppedAgain + 1,
      stoppedAgainBy: execution,
    };
  });
  const by = isSeenTo(intent, stoppedAt) ? (intent?.seenTo?.by ?? {}) : {};
  return Object.keys(by).filter((name) => by[name] === execution);
}

function isSeenTo(intent: Intent | undefined, stoppedAt: string | undefined): boolean {
  return intent?.seenTo !== undefined && intent.seenTo.stoppedAt === stoppedAt;
}
