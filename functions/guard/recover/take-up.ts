import { databaseKindOf } from '../../aws/rds/kinds.ts';
import { serverStates } from '../../aws/servers/server-states.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { ErrorName } from '../../contract/errors.ts';
import { RunInput } from '../../contract/input.ts';
import type { Requester } from '../../contract/principal.ts';
import type { CleanUpInput, CleanUpKind, LookedAtRun } from '../../contract/recovery.ts';
import type {
  DatabaseResult,
  ExecutionReference,
  Failure,
  ServersResult,
  ShutdownState,
} from '../../contract/state.ts';
import type { ReachedState, RecoveredState } from '../../contract/state-after.ts';
import { requesterOf } from '../requests.ts';
import { readTrace, type Trace } from './history.ts';
import { describe } from './look-at-run.ts';

/** The most characters quoted of what an operator wrote when stopping the execution. */
const LONGEST_QUOTE = 300;

/**
 * The run's state as its execution left it, ready for the roll back and the closing. It contains the failure that the run's own Catch would
 * have written.
 */
export async function takeUp(
  own: ExecutionReference,
  { executionArn, looked }: CleanUpInput & { looked?: LookedAtRun },
): Promise<RecoveredState> {
  const execution = await describe(executionArn);
  const trace = await readTrace(execution);
  const kind = looked?.kind ?? 'nothing';
  const startTime = trace.state.run?.startedAt ?? execution.startDate?.toISOString() ?? '';
  const failure = failureOf(trace);
  const recovery = {
    kind,
    execution: { id: executionArn, name: execution.name ?? '', startTime },
    cleanedUp: { ...failure, by: own.id },
  };
  // A run that was stopped before its plan answered has only its input as state.
  const [input, asked] =
    trace.state.run === undefined
      ? [inputOf(execution.input), await requesterFor(recovery.execution, execution.input)]
      : [{}, {}];
  return { ...input, ...(await stateOf(trace, failure, kind)), recovery: { ...recovery, ...asked } };
}

async function requesterFor(
  execution: ExecutionReference,
  input: string | undefined,
): Promise<{ requester: Requester }> {
  return { requester: await requesterOf(execution, JSON.parse(input ?? '{}')) };
}

/** The run's input as its evidence quotes it, without anything that the plan would have refused. */
function inputOf(
  text: string | undefined,
): Pick<ShutdownState, 'reason' | 'requestedBy' | 'dryRun' | 'onlyProve'> {
  const parsed = RunInput.safeParse(text === undefined ? {} : JSON.parse(text));
  if (!parsed.success) return {};
  const { reason, requestedBy, dryRun, onlyProve } = parsed.data;
  return {
    ...defined({ reason, requestedBy, dryRun, onlyProve }),
  };
}

async function stateOf(trace: Trace, failure: Failure, kind: CleanUpKind): Promise<ReachedState> {
  const { state } = trace;
  // Nothing was switched off yet, so the run can still be rolled back, although its state lies past the point of no return.
  if (trace.phase === 'past' && kind === 'roll-back') return { ...state, failure };
  switch (trace.phase) {
    // Only the telling was missing, or had begun: the state stays as the run left it.
    case 'closing':
      return state;
    // Past the point of no return nothing is rolled back. A person finishes the rest.
    case 'past':
      return state.config === undefined
        ? state
        : { ...state, off: await offNow(state.config, trace, failure) };
    case 'rolling back':
    case 'touched':
    case 'before': {
      // The roll back begins anew and finds done what the run's own roll back had done.
      const { rollback: _begun, ...forward } = state;
      return { ...forward, failure: state.failure ?? failure };
    }
  }
}

/** Resources that are off now, as RDS and EC2 say. Each other resource is a failure of the run, as its own Catch would have kept it. */
async function offNow(config: SystemConfig, trace: Trace, failure: Failure): Promise<ShutdownState['off']> {
  const { identifier } = config.database;
  const [status = 'not there', states] = await Promise.all([
    databaseKindOf(config).status(identifier),
    serverStates(config),
  ]);
  const since = trace.state.run?.at ?? '';
  const done = { done: true, waitSeconds: 0, since };
  const servers = config.servers.map(({ name, instanceId }) => ({
    name,
    instanceId,
    state: states.get(name) ?? 'unknown',
  }));
  const on = servers.filter(({ state }) => state !== 'stopped' && state !== 'terminated');
  const database: DatabaseResult | Failure =
    status === 'stopped'
      ? { ...done, identifier, state: status }
      : { ...failure, Cause: `${failure.Cause}; database ${identifier} is "${status}"` };
  const all: ServersResult | Failure =
    on.length === 0
      ? { ...done, servers }
      : {
          ...failure,
          Cause: `${failure.Cause}; ${on.map(({ name, state }) => `${name} is "${state}"`).join(', ')}`,
        };
  return { database, servers: all };
}

/** The ways in which an execution ends without naming an error itself. */
const ENDINGS: Record<string, { error: ErrorName; how: string }> = {
  ABORTED: { error: ErrorName.RunAborted, how: 'was stopped by hand' },
  TIMED_OUT: { error: ErrorName.RunTimedOut, how: 'ran out of time' },
};
const NOT_CLOSED = { error: ErrorName.RunNotClosed, how: 'failed without closing the run' };

function failureOf({ end, last }: Trace): Failure {
  const { error, how } = ENDINGS[end.status] ?? NOT_CLOSED;
  const said = [end.error, end.cause].filter((text) => text !== undefined && text !== '');
  const quote = said.length === 0 ? '' : ` (${said.join(': ').slice(0, LONGEST_QUOTE)})`;
  return {
    Error: error,
    Cause: `the execution ${how}${quote} in "${last ?? 'its first state'}", and was cleaned up afterwards`,
  };
}
