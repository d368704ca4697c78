import type { SystemConfig } from '../contract/config.ts';
import { EnvironmentVariable } from '../contract/environment.ts';
import type { Requester } from '../contract/principal.ts';
import type { Recovery } from '../contract/recovery.ts';
import type { ExecutionReference, Failure, RunContext } from '../contract/state.ts';
import { requesterOf } from '../guard/requests.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { runIdOf } from '../runtime/run.ts';
import type { ReachedState } from './outcome.ts';

/** What the state of a run of either kind holds, as far as it got. */
interface AnyReached {
  run?: RunContext | undefined;
  failure?: Failure | undefined;
  recovery?: Recovery | undefined;
}

/**
 * The state as the run itself made it. If the plan refused the input, the state still is that input, and an input may hold anything. A
 * whole state copied from another run with `off: { database: { done: true } … }` must not be reported as a shutdown.
 * Only the plan writes a `run` of this very execution. Without that `run` only the failure is believed, which a Catch wrote.
 */
export function ownState<State extends AnyReached>(
  execution: ExecutionReference,
  given: State,
  byCleanUp: boolean,
): Partial<State> {
  const { recovery, ...rest } = given;
  // Only CleanUp's own call may close the run in another execution's place: an input may claim so too.
  const cleanedUp = byCleanUp && recovery !== undefined ? { recovery } : {};
  const state = { ...rest, ...cleanedUp } as State;
  const { run } = state;
  const own =
    run !== undefined &&
    run.executionArn === execution.id &&
    run.id === runIdOf(execution) &&
    Date.parse(run.startedAt) === Date.parse(execution.startTime);
  if (own) return state;
  return {
    ...(state.failure === undefined ? {} : { failure: state.failure }),
    ...cleanedUp,
  } as Partial<State>;
}

/** The context of a run whose input or configuration was refused: enough to report it. The input is quoted, never acted on. */
export function minimalContext(
  execution: ExecutionReference,
  input: Record<string, unknown>,
  config: SystemConfig | undefined,
  requester: Requester,
): RunContext {
  const startedAt = new Date(execution.startTime).toISOString();
  return {
    id: runIdOf(execution),
    system: config?.name ?? environmentVariable(EnvironmentVariable.SystemName),
    action: 'shutdown',
    executionArn: execution.id,
    startedAt,
    at: startedAt,
    dryRun: input['dryRun'] === true,
    verification: config?.verification ?? 'full',
    ...(input['onlyProve'] === true ? { onlyProve: true } : {}),
    ...quoted('reason', input['reason'], 500),
    requester,
    ...(requester === 'unknown' ? quoted('requestedBy', input['requestedBy'], 256) : {}),
  };
}

/**
 * The requester of a run without a plan. The state of such a run is its input and the failure from a Catch. CleanUp has found the requester
 * out already.
 */
export async function requesterWithoutPlan(
  execution: ExecutionReference,
  state: ReachedState,
  byCleanUp: boolean,
): Promise<Requester> {
  if (byCleanUp) return state.recovery?.requester ?? 'unknown';
  const { failure: _failure, closing: _closing, ...input } = state;
  return requesterOf(execution, input);
}

function quoted<Key extends string>(key: Key, value: unknown, longest: number): Partial<Record<Key, string>> {
  if (typeof value !== 'string' || value === '') return {};
  return { [key]: value.slice(0, longest) } as Partial<Record<Key, string>>;
}

/** The time that users were told. It is the run's time, or later when the approval took long. */
export function announcedTime(run: RunContext, { announcement }: ReachedState): string {
  const told: unknown = announcement !== undefined && 'at' in announcement ? announcement['at'] : undefined;
  return typeof told === 'string' && !Number.isNaN(Date.parse(told)) ? told : run.at;
}
