import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
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
  /** `stopped`: by this execution. `found-off`: it was off already. `left`: it must not be stopped; `reason` says why. */
  outcome: 'under way' | 'stopped' | 'found-off' | 'left';
  reason?: string;
  /** As RDS and EC2 said it at the last look. */
  states: Record<string, string>;
  /** Resources that this execution found on, `database crm-db` … */
  foundOn: string[];
}

/** Seconds that a database takes to start and to stop, for planning the looks. */
const EXPECTED_SECONDS = 15 * 60;

/** One round. Each round checks mark, lock and proof again right before it requests a stop. */
export async function stopAgain(
  execution: ExecutionReference,
  state: KeepInput & { kept?: Kept },
): Promise<Kept> {
  const config = await readConfiguration();
  const { since, seconds } = elapsed(state.kept);
  const left = await whyLeft(config, state.runId);
  const before = { since, foundOn: state.kept?.foundOn ?? [], states: state.kept?.states ?? {} };
  if (left !== undefined) return { ...before, done: true, waitSeconds: 0, outcome: 'left', reason: left };
  // Without the proof nothing is stopped, not even the servers: the operators have to look first.
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

/** The reason why nothing may be stopped now, or undefined. */
async function whyLeft(config: SystemConfig, runId: string): Promise<string | undefined> {
  const intent = (await readIntent(config.name))?.value;
  if (intent?.wanted !== 'off')
    return `the system is meant to be on${intent === undefined ? '' : ` since ${intent.since}, by ${intent.by}`}`;
  if (intent.run?.id !== runId) return `another run, ${intent.run?.id ?? 'unknown'}, has shut it down since`;
  const holder = await livingHolder(config.name);
  return holder === undefined ? undefined : `run ${holder.runId} is in progress`;
}

/**
 * Notes the resources that are on, right before their stop is requested.
 *
 * @returns all that this execution has found on so far, including a call that was killed. Undefined when the mark is no longer this run's.
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
 * Notes that the system is off again. If two executions deal with one start, each resource is noted by one of them, even if an answer was
 * lost.
 *
 * @returns the resources that this execution has to report.
 */
async function noteStopped(
  system: string,
  execution: string,
  { cause, runId, stoppedAt }: KeepInput,
  foundOn: string[],
): Promise<string[]> {
  const now = new Date(Date.now()).toISOString();
  const { intent } = await changeIntent(system, (current) => {
    if (current?.wanted !== 'off' || current.run?.id !== runId) return undefined;
    const isSameStart = isSeenTo(current, stoppedAt);
    // Another start has been dealt with since.
    if (!isSameStart && current.stoppedAt !== stoppedAt) return undefined;
    const before = isSameStart ? (current.seenTo?.by ?? {}) : {};
    const fresh = foundOn.filter((name) => before[name] === undefined);
    // A resource that another person or execution had stopped by then had been started all the same.
    if (fresh.length === 0 && isSameStart) return undefined;
    const { stopping = [], stillOn, ...kept } = current;
    const others = stopping.filter(({ by }) => by !== execution);
    const told = { ...before, ...Object.fromEntries(fresh.map((name) => [name, execution])) };
    return {
      ...kept,
      // All that the shutdown had left on was seen off.
      ...(cause === 'finish' ? {} : defined({ stillOn })),
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
