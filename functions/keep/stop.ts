import { readConfiguration } from '../shared/configuration.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { ExecutionReference, Progress } from '../shared/contract/state.ts';
import type { KeepInput } from '../shared/contract/watch.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { changeIntent, type Intent, readIntent } from '../shared/intent.ts';
import { livingHolder } from '../shared/lock.ts';
import { predictWait } from '../shared/prediction.ts';
import { requireProof } from '../shared/proof.ts';
import { elapsed } from '../shared/step.ts';
import { OFF, stopServers } from './servers.ts';

export interface Kept extends Progress {
  /** `stopped`: by this execution. `found-off`: it was off already. `left`: it is not to be stopped, `reason` says why. */
  outcome: 'under way' | 'stopped' | 'found-off' | 'left';
  reason?: string;
  /** As RDS and EC2 said it at the last look. */
  states: Record<string, string>;
  /** What this execution found on, `database crm-db` … */
  foundOn: string[];
}

/** RDS may take hours to start a database, and refuses a stop meanwhile: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StartInstance.html */
const DEADLINE_SECONDS = 24 * 3600;

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
  const states: Record<string, string> = {};
  if (state.targets.includes('database'))
    states[`database ${config.database.identifier}`] = await stopDatabase(config, seconds);
  if (state.targets.includes('servers')) Object.assign(states, await stopServers(config, seconds));
  const on = Object.keys(states).filter((name) => !OFF.has(states[name] ?? ''));
  const foundOn = [...new Set([...before.foundOn, ...on])];
  if (on.length > 0) {
    const waitSeconds = predictWait({ elapsedSeconds: seconds, expectedSeconds: EXPECTED_SECONDS });
    return { since, foundOn, states, done: false, waitSeconds, outcome: 'under way' };
  }
  const first = await noteStopped(config.name, execution.id, state);
  const outcome = foundOn.length > 0 && first ? 'stopped' : 'found-off';
  return { since, foundOn, states, done: true, waitSeconds: 0, outcome };
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

/** One round, as in the database step: the stop is asked for unless it is on its way, and a refusal for the status is none. @returns the status before. */
async function stopDatabase(config: SystemConfig, seconds: number): Promise<string> {
  const kind = kindOf(config);
  const state = await kind.status(config.database.identifier);
  if (state === undefined) throw notStopped(config, 'is not there any more');
  if (kind.terminal.has(state)) throw notStopped(config, `is "${state}", from which RDS does not stop it`);
  if (state === 'stopped') return state;
  if (seconds > DEADLINE_SECONDS)
    throw notStopped(config, `is still "${state}" after ${Math.round(seconds / 3600)} h`);
  if (state !== 'stopping') await kind.requestStop(config.database.identifier);
  return state;
}

function notStopped(config: SystemConfig, found: string): LightsOutError {
  return new LightsOutError(
    ErrorName.DatabaseDidNotStop,
    `database ${config.database.identifier} ${found}; expected "stopped", as the system is meant to be off: see its events in the RDS console, then stop it by hand`,
  );
}

/** Notes that it is off again. Of two executions for one start only one notes it, also when its answer was lost. @returns whether this one did. */
async function noteStopped(system: string, execution: string, state: KeepInput): Promise<boolean> {
  const now = new Date(Date.now()).toISOString();
  const { intent } = await changeIntent(system, (current: Intent | undefined) => {
    const noted = current?.stoppedAt !== state.stoppedAt;
    if (current?.wanted !== 'off' || current.run?.id !== state.runId || noted) return undefined;
    return {
      ...current,
      stoppedAt: now,
      stoppedAgain: current.stoppedAgain + 1,
      stoppedAgainBy: execution,
    };
  });
  return intent?.stoppedAgainBy === execution;
}
