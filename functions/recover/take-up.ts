import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { ErrorName } from '../shared/contract/errors.ts';
import type { CleanUpInput, LookedAtRun, RecoveredState } from '../shared/contract/recovery.ts';
import type { DatabaseResult, Failure, ServersResult, ShutdownState } from '../shared/contract/state.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { serverStates } from '../shared/server-states.ts';
import { type ReachedState, readTrace, type Trace } from './history.ts';

/** What an operator wrote when stopping the execution is quoted, not more than this many characters of it. */
const LONGEST_QUOTE = 300;

/**
 * The run's state as its execution left it, made ready for the roll back and the closing: what the run's own Catch would have written is
 * written here.
 */
export async function takeUp({
  executionArn,
  looked,
}: CleanUpInput & { looked?: LookedAtRun }): Promise<RecoveredState> {
  const [execution, trace] = await Promise.all([
    sfn().send(new DescribeExecutionCommand({ executionArn })),
    readTrace(executionArn),
  ]);
  const kind = looked?.kind ?? 'nothing';
  const startTime = trace.state.run?.startedAt ?? execution.startDate?.toISOString() ?? '';
  const recovery = { kind, execution: { id: executionArn, name: execution.name ?? '', startTime } };
  return { ...(await stateOf(trace, failureOf(execution, trace))), recovery };
}

async function stateOf(trace: Trace, failure: Failure): Promise<ReachedState> {
  const { state } = trace;
  switch (trace.phase) {
    // Everything was done but the telling, or the telling itself had begun: as the run left it.
    case 'closing':
      return state;
    // Past the point of no return nothing is rolled back: what is off is off, and the rest is a person's to finish.
    case 'past':
      return state.config === undefined
        ? state
        : { ...state, off: await offNow(state.config, trace, failure) };
    case 'rolling back':
    case 'touched':
    case 'before': {
      // A roll back begins anew: what the run's own one had done already is found done.
      const { rollback: _begun, ...forward } = state;
      return { ...forward, failure: state.failure ?? failure };
    }
  }
}

/** What is off now, as RDS and EC2 say; the rest is a failure of the run, as its own Catch would have kept it. */
async function offNow(config: SystemConfig, trace: Trace, failure: Failure): Promise<ShutdownState['off']> {
  const { identifier } = config.database;
  const [status = 'not there', states] = await Promise.all([
    kindOf(config).status(identifier),
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

function failureOf(execution: DescribeExecutionCommandOutput, { last }: Trace): Failure {
  const timedOut = execution.status === 'TIMED_OUT';
  const said = [execution.error, execution.cause].filter((text) => text !== undefined && text !== '');
  const quote = said.length === 0 ? '' : ` (${said.join(': ').slice(0, LONGEST_QUOTE)})`;
  const how = timedOut
    ? 'ran out of time'
    : execution.status === 'ABORTED'
      ? 'was stopped by hand'
      : 'ended without closing';
  return {
    Error: timedOut ? ErrorName.RunTimedOut : ErrorName.RunAborted,
    Cause: `the execution ${how}${quote} in "${last ?? 'its first state'}", and was cleaned up afterwards`,
  };
}
