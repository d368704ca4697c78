import { type Execution, findExecution, isUnderWay } from '../../aws/executions.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import { DOCUMENT_WAIT_SECONDS } from '../../contract/deadlines.ts';
import { EnvironmentVariable } from '../../contract/environment.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { FUNCTIONS, functionFacts, TASK_GRACE_SECONDS } from '../../contract/functions.ts';
import type { CleanUpInput, CleanUpKind, LookedAtRun } from '../../contract/recovery.ts';
import { kindOfExecution } from '../../contract/run-kinds.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import { stepOfState } from '../../contract/step-lookup.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { runIdOf } from '../../runtime/run.ts';
import { elapsed } from '../../runtime/step.ts';
import { heldLock, isClosed, livingHolder, takeLock } from '../lock.ts';
import { readTrace, type Trace } from './history.ts';
import { sendsCommands } from './phase.ts';

/** A command is delivered within a minute or not at all. Its script then waits, and has 5 s to answer. In seconds. */
const COMMAND_SECONDS = 60 + DOCUMENT_WAIT_SECONDS + 5;

/** How long CleanUp waits for resources that are stopping, in seconds, so that the notice can say how they ended. */
const STOPPING_SECONDS = 45 * 60;

const POLL_SECONDS = 30;

/**
 * DescribeExecution "may not reflect very recent updates"
 * (https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html), and an event may be faster. For this many
 * seconds an ended execution may still read RUNNING.
 */
const SEEN_LATE_SECONDS = 120;

/**
 * One round of looking; done when nothing of the run is in flight. From the first round on CleanUp holds the lock. An execution that was
 * redriven does nothing, so it keeps nobody waiting.
 */
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
  if (isUnderWay(execution)) {
    const found = `it still reads ${execution.status}`;
    return seconds < SEEN_LATE_SECONDS
      ? { since, done: false, waitSeconds: 15, kind: 'nothing', found }
      : nothing(found);
  }
  const trace = await readTrace(execution);
  const { status, at } = trace.end;
  const found = `${status} in "${trace.last ?? 'its first state'}"`;
  const wait = (waitSeconds: number, kind: CleanUpKind): LookedAtRun => ({
    since,
    done: false,
    waitSeconds,
    kind,
    found,
  });
  const left = Math.ceil(settleSeconds(trace) - (Date.now() - at) / 1000);

  const held = await takeOver(own, executionArn);
  if (typeof held === 'string') return nothing(held);
  if (!held) {
    if (!isUntouched(trace)) return nothing('it does not hold the lock: it was closed');
    // A call of the run's plan may still be in flight and take the lock.
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
  // A start-up never rolls back: the next one goes on where it ended.
  const isHalfWay = trace.phase === 'touched' || trace.phase === 'rolling back';
  const kind = isHalfWay && kindOfExecution(executionArn) === 'shutdown' ? 'roll-back' : 'close';
  if (left > 0) return wait(left, kind);
  if (trace.phase !== 'past') return { ...wait(0, kind), done: true };
  const [database, servers] = await switched(trace);
  const stopping = database === 'stopping' || [...servers.values()].includes('stopping');
  if (stopping && seconds < STOPPING_SECONDS) return wait(POLL_SECONDS, kind);
  // The run was stopped before its first call past the point of no return. A roll back is possible, and the person who stopped the run
  // wants it.
  return { ...wait(0, isAllOn(database, servers, trace) ? 'roll-back' : 'close'), done: true };
}

/**
 * Takes the lock over from the run, or from an execution of CleanUp that died.
 *
 * @returns true when CleanUp holds the lock, false when it does not; a sentence when another execution already cleans up the run.
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

/** The run never held the lock, or had touched nothing under it. */
function isUntouched({ phase, state }: Trace): boolean {
  return phase === 'before' || (phase === 'closing' && state.acceptance === undefined);
}

/** @throws LightsOutError `InvalidInput` when Step Functions knows no execution of that ARN. */
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
 * Seconds for which a call goes on after its execution was stopped: at most the function's time-out. Waiting keeps a late announcement from
 * following the notice that the shutdown is off. A call that only reads is not waited for any longer than the others.
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

/** Tells whether nothing was switched off: every server that ran at planning time runs, and the database takes connections. */
function isAllOn(database: string | undefined, servers: Map<string, string>, { state }: Trace): boolean {
  const before = new Map(state.plan?.servers.map((server) => [server.name, server.state]));
  const running = [...servers].every(
    ([name, now]) => now === 'running' || (now === 'stopped' && before.get(name) === 'stopped'),
  );
  return running && (database === 'available' || database === 'backing-up');
}
