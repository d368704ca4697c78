import { type Execution, findExecution, isUnderWay } from '../../aws/executions.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { FUNCTIONS, functionFacts, TASK_GRACE_SECONDS } from '../../contract/functions.ts';
import type { CleanUpInput, CleanUpKind, LookedAtRun } from '../../contract/recovery.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import { stepOfState } from '../../contract/step-lookup.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { runIdOf } from '../../runtime/run.ts';
import { elapsed } from '../../runtime/step.ts';
import { giveLockBack, heldLock, isClosed, livingHolder, noteCleanUpBegun, takeLock } from '../lock.ts';
import { readTrace, type Trace } from './history.ts';
import { sendsCommands } from './phase.ts';

/** A command is delivered within a minute or not at all, and its script waits 25 s at most (`functions/steps/services/tiers.ts`), in seconds. */
const COMMAND_SECONDS = 90;

/** How long what is being stopped is waited for, so that the notice says how it ended, in seconds. */
const STOPPING_SECONDS = 45 * 60;

const POLL_SECONDS = 30;

/**
 * DescribeExecution "may not reflect very recent updates" (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html),
 * and an event may be faster: for so long an execution that is said to have ended may still read RUNNING, in seconds.
 */
const SEEN_LATE_SECONDS = 120;

/** One round of looking; done when nothing of the run is under way any more. From the first round on the lock is CleanUp's, unless the run is redriven. */
export async function lookAtRun(
  own: ExecutionReference,
  { executionArn, looked }: CleanUpInput & { looked?: LookedAtRun },
): Promise<LookedAtRun> {
  const { since, seconds } = elapsed(looked);
  const nothing = (found: string): LookedAtRun => ({
    since,
    waitSeconds: 0,
    done: true,
    kind: 'nothing',
    found,
  });
  const execution = await describe(executionArn);
  const status = execution.status ?? 'unknown';
  if (isUnderWay(execution)) {
    if (seconds < SEEN_LATE_SECONDS)
      return { since, done: false, waitSeconds: 15, kind: 'nothing', found: `it still reads ${status}` };
    // Redriven while what it had under way was waited for: its steps wait for the lock.
    await giveLockBack(environmentVariable(EnvironmentVariable.SystemName), own.id, executionArn);
    return nothing(`it is ${status} (again)`);
  }
  const trace = await readTrace(executionArn);
  const found = `${status} in "${trace.last ?? 'its first state'}"`;
  const wait = (waitSeconds: number, kind: CleanUpKind): LookedAtRun => ({
    since,
    done: false,
    waitSeconds,
    kind,
    found,
  });
  const left = Math.ceil(settleSeconds(trace) - (Date.now() - (execution.stopDate?.getTime() ?? 0)) / 1000);

  const held = await takeOver(own, executionArn);
  if (typeof held === 'string') return nothing(held);
  if (!held) {
    if (!isUntouched(trace)) return nothing('it does not hold the lock: it was closed');
    // A call of its plan that is under way may still take the lock.
    if (left > 0) return wait(left, 'close');
    const runId = runIdOf({
      id: executionArn,
      name: '',
      startTime: execution.startDate?.toISOString() ?? '',
    });
    return (await isClosed(environmentVariable(EnvironmentVariable.SystemName), { runId }))
      ? nothing('it was closed')
      : { ...wait(0, 'close'), done: true };
  }
  const kind = trace.phase === 'touched' || trace.phase === 'rolling back' ? 'roll-back' : 'close';
  if (left > 0) return wait(left, kind);
  if (trace.phase !== 'past') return begin(kind);
  const [database, servers] = await switched(trace);
  const stopping = database === 'stopping' || [...servers.values()].includes('stopping');
  if (stopping && seconds < STOPPING_SECONDS) return wait(POLL_SECONDS, kind);
  // Stopped before its first call past the point of no return: there is a way back, and who stopped it wants it gone.
  return begin(isAllOn(database, servers, trace) ? 'roll-back' : 'close');

  async function begin(what: 'roll-back' | 'close'): Promise<LookedAtRun> {
    await noteCleanUpBegun(environmentVariable(EnvironmentVariable.SystemName), own.id, what);
    return { ...wait(0, what), done: true };
  }
}

/**
 * Takes the lock over from the run, or from the execution that cleaned up after it and died.
 *
 * @returns whether the lock is CleanUp's; a sentence when another execution sees to the run already.
 */
async function takeOver(own: ExecutionReference, executionArn: string): Promise<boolean | string> {
  const system = environmentVariable(EnvironmentVariable.SystemName);
  const lock = await heldLock(system);
  if (lock === undefined || ![lock.executionArn, lock.cleaning].includes(executionArn)) return false;
  const elsewhere = lock.executionArn !== executionArn && lock.executionArn !== own.id;
  if (elsewhere && (await livingHolder(system)) !== undefined)
    return `${lock.executionArn} is cleaning up after it already`;
  const { executionArn: _held, ...kept } = lock;
  await takeLock(system, { ...kept, executionArn: own.id, cleaning: executionArn }, executionArn);
  return true;
}

/** It never held the lock, or had not begun to touch anything under it. */
function isUntouched({ phase, state }: Trace): boolean {
  return phase === 'before' || (phase === 'closing' && state.acceptance === undefined);
}

/** @throws LightsOutError `InvalidInput` when Step Functions knows none of that ARN. */
export async function describe(executionArn: string): Promise<Execution> {
  const execution = await findExecution(executionArn).catch((error: unknown) => {
    if (isAwsError(error, 'InvalidArn')) return undefined;
    throw error;
  });
  if (execution !== undefined) return execution;
  throw new LightsOutError(
    ErrorName.InvalidInput,
    `input.executionArn: Step Functions knows no execution ${executionArn} (it forgets them after 90 days); expected one that ended without closing: ` +
      'look how the system is, then delete the object locks/<system> in the evidence bucket by hand',
  );
}

/**
 * How long what was under way goes on when its execution is stopped, in seconds: a function for its own time-out at most. So nobody hears of a shutdown after having
 * heard that there is none. One that only reads is not waited for any longer than the others.
 */
function settleSeconds({ last, inFlight }: Trace): number {
  const step = last === undefined ? undefined : stepOfState(last);
  const { timeoutSeconds, onlyReads } = functionFacts(step?.function ?? 'plan');
  const longest = (onlyReads === true ? FUNCTIONS.plan.timeoutSeconds : timeoutSeconds) + TASK_GRACE_SECONDS;
  return (inFlight ? longest : 0) + (sendsCommands(last) ? COMMAND_SECONDS : 0);
}

/** Database and servers, as RDS and EC2 say now. */
async function switched({ state: { config } }: Trace): Promise<[string | undefined, Map<string, string>]> {
  if (config === undefined) return [undefined, new Map()];
  return Promise.all([databaseKindOf(config).status(config.database.identifier), serverStates(config)]);
}

/** Nothing was switched off: every server runs that ran when the run was planned, and the database takes connections. */
function isAllOn(database: string | undefined, servers: Map<string, string>, { state }: Trace): boolean {
  const before = new Map(state.plan?.servers.map((server) => [server.name, server.state]));
  const running = [...servers].every(
    ([name, now]) => now === 'running' || (now === 'stopped' && before.get(name) === 'stopped'),
  );
  return running && (database === 'available' || database === 'backing-up');
}
