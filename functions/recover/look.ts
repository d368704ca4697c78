import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { EnvironmentVariable } from '../shared/contract/environment.ts';
import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { CleanUpInput, LookedAtRun } from '../shared/contract/recovery.ts';
import type { ExecutionReference } from '../shared/contract/state.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { environmentVariable } from '../shared/environment.ts';
import { heldLock, takeLock } from '../shared/lock.ts';
import { serverStates } from '../shared/server-states.ts';
import { elapsed } from '../shared/step.ts';
import { readTrace, type Trace } from './history.ts';
import { sendsCommands } from './phase.ts';

/**
 * A function that was called goes on when its execution is stopped: for its own time-out at most (`lib/step-function.ts`: two minutes for
 * those that touch anything), in seconds.
 */
const FUNCTION_SECONDS = 135;

/** A command is delivered within a minute or not at all, and its script waits 25 s at most (`functions/services/tiers.ts`), in seconds. */
const COMMAND_SECONDS = 90;

/** How long what is being stopped is waited for, so that the notice says how it ended, in seconds. */
const STOPPING_SECONDS = 45 * 60;

const POLL_SECONDS = 30;

/** One round of looking; done when nothing of the run is under way any more. From the first round on the lock is CleanUp's. */
export async function lookAtRun(
  own: ExecutionReference,
  { executionArn, looked }: CleanUpInput & { looked?: LookedAtRun },
): Promise<LookedAtRun> {
  const { since, seconds } = elapsed(looked);
  const answer = { since, waitSeconds: 0 };
  const execution = await describe(executionArn);
  const status = execution.status ?? 'unknown';
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE')
    return { ...answer, done: true, kind: 'nothing', found: `it is ${status} (again)` };
  const system = environmentVariable(EnvironmentVariable.SystemName);
  const lock = await heldLock(system);
  if (lock === undefined || ![lock.executionArn, lock.cleaning].includes(executionArn))
    return { ...answer, done: true, kind: 'nothing', found: 'it does not hold the lock: it was closed' };
  const { executionArn: _held, ...kept } = lock;
  await takeLock(system, { ...kept, executionArn: own.id, cleaning: executionArn }, executionArn);

  const trace = await readTrace(executionArn);
  const found = `${status} in "${trace.last ?? 'its first state'}"`;
  const kind = trace.phase === 'touched' || trace.phase === 'rolling back' ? 'roll-back' : 'close';
  const left = settleSeconds(trace) - (Date.now() - (execution.stopDate?.getTime() ?? 0)) / 1000;
  if (left > 0) return { since, done: false, waitSeconds: Math.ceil(left), kind, found };
  if (trace.phase === 'past' && seconds < STOPPING_SECONDS && (await isStopping(trace)))
    return { since, done: false, waitSeconds: POLL_SECONDS, kind, found };
  return { ...answer, done: true, kind, found };
}

async function describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
  try {
    return await sfn().send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (!isAwsError(error, 'ExecutionDoesNotExist', 'InvalidArn')) throw error;
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `input.executionArn: Step Functions knows no execution ${executionArn} (it forgets them after 90 days); expected one that ended without closing: ` +
        'look how the system is, then delete the object locks/<system> in the evidence bucket by hand',
      { cause: error },
    );
  }
}

function settleSeconds(trace: Trace): number {
  return (trace.inFlight ? FUNCTION_SECONDS : 0) + (sendsCommands(trace.last) ? COMMAND_SECONDS : 0);
}

async function isStopping({ state: { config } }: Trace): Promise<boolean> {
  if (config === undefined) return false;
  const [database, servers] = await Promise.all([
    kindOf(config).status(config.database.identifier),
    serverStates(config),
  ]);
  return database === 'stopping' || [...servers.values()].includes('stopping');
}
