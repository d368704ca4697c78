import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError, messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { Opened, StartupState } from '../../contract/startup-state.ts';
import type { Drained, Failure } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireLock, requireNoOtherRun } from '../../guard/lock.ts';
import { log } from '../../runtime/log.ts';
import { defineStep, elapsed, progressOf, type StepEvent } from '../../runtime/step.ts';
import { type MaintenanceProgress, switchOff, switchOn } from './maintenance.ts';
import { countUsers } from './sessions.ts';

type State = StateAfter<'plan', 'run' | 'config' | 'plan'> & {
  drain?: DrainProgress;
  rollback?: { maintenance?: MaintenanceProgress | Failure };
};

export type DrainEvent =
  | StepEvent<'drain' | 'end', State>
  | StepEvent<'open', Pick<StartupState, 'run' | 'config'> & { opened?: OpeningProgress }>;

/** The progress of the opening: maintenance mode goes off. */
type OpeningProgress = MaintenanceProgress & Opened;

/** The progress of the drain: first maintenance mode, then the sessions. */
interface DrainProgress extends Drained {
  switching: MaintenanceProgress;
  /** Looks in a row that failed: a database may refuse one connection without being away. */
  failedLooks?: number;
}

const POLL_SECONDS = 20;

/** With this many failed looks in a row the database is away, not busy. */
const FAILED_LOOKS_ALLOWED = 3;

/**
 * Switches maintenance mode on, which keeps new users out, and counts the signed-in users until there are none (`drain`). If some stay, the
 * policy decides. Switches maintenance mode off again as part of a roll back (`end`), and as the last act of a start-up (`open`).
 *
 * Trigger: the workflow's states "Drain sessions", "Roll back: end maintenance mode" and "Open", called again until done.
 * Both look at the lock first: a run that was cleaned up must neither lock users out nor let them in during another run.
 * Rejects with `SessionsRemain` (policy `abort`), `MaintenanceModeFailed`, `AgentOffline`, `DatabaseUnreachable`, `LockLost`.
 */
export const handler = defineStep(
  'drain',
  async (event: DrainEvent): Promise<DrainProgress | MaintenanceProgress | OpeningProgress> => {
    const { execution } = event;
    if (event.action === 'open') {
      await requireLock(event.state.run.system, execution.id);
      return openDoors(event.state.config, event.state.opened);
    }
    const { state } = event;
    if (event.action === 'drain') {
      await requireLock(state.run.system, execution.id);
      return drain(state);
    }
    if (event.action === 'end') {
      await requireNoOtherRun(state.run.system, state.run.id, execution.id);
      return end(state);
    }
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `action "${String(event.action)}": expected "drain", "end" or "open"`,
    );
  },
);

async function openDoors(
  config: SystemConfig,
  previous: OpeningProgress | undefined,
): Promise<OpeningProgress> {
  const switching = await switchOff(config, previous);
  if (!switching.done) return switching;
  return { ...switching, at: new Date(Date.now()).toISOString() };
}

async function drain(state: State): Promise<DrainProgress> {
  const { config } = state;
  const previous = state.drain;
  const { since } = elapsed(previous);
  const maintenance = config.maintenance === undefined ? 'none' : 'on';
  const base = { since, maintenance, proceeded: false } as const;
  const switching =
    previous?.switching.done === true ? previous.switching : await switchOn(config, previous?.switching);
  if (!switching.done) {
    return { ...base, done: false, waitSeconds: switching.waitSeconds, sessions: 0, switching };
  }
  const counted = elapsed(
    previous?.countedSince === undefined ? undefined : { since: previous.countedSince },
  );
  const isEmergency = state.run.emergency === true;
  const left = (isEmergency ? 0 : config.drain.timeoutMinutes * 60) - counted.seconds;
  const pause = Math.max(1, Math.ceil(Math.min(lookAgainIn(POLL_SECONDS, counted.seconds), left)));
  const progress = { ...base, switching, countedSince: counted.since };
  let sessions: number;
  try {
    sessions = await countUsers(state);
  } catch (error) {
    const failedLooks = (previous?.failedLooks ?? 0) + 1;
    const unreachable = error instanceof LightsOutError && error.name === ErrorName.DatabaseUnreachable;
    if (!unreachable || failedLooks >= FAILED_LOOKS_ALLOWED) throw error;
    log('warn', 'drain: the sessions could not be counted just now', { reason: messageOf(error) });
    return {
      ...progress,
      done: false,
      waitSeconds: pause,
      sessions: previous?.sessions ?? 0,
      failedLooks,
    };
  }
  if (sessions === 0) return { ...progress, sessions, done: true, waitSeconds: 0 };
  if (left > 0) return { ...progress, sessions, done: false, waitSeconds: pause };
  if (config.drain.policy === 'proceed' || isEmergency)
    return { ...progress, sessions, done: true, waitSeconds: 0, proceeded: true };
  const deadline = new Date(Date.parse(counted.since) + config.drain.timeoutMinutes * 60_000).toISOString();
  throw new LightsOutError(
    ErrorName.SessionsRemain,
    `${sessions} ${sessions === 1 ? 'session is' : 'sessions are'} still open at the deadline, ${deadline}, ` +
      `${config.drain.timeoutMinutes} minutes after users were kept out; expected none (drain.policy is "abort"): ` +
      'ask the users to sign out, or allow more time (drain.timeoutMinutes), or set drain.policy to "proceed"',
  );
}

async function end(state: State): Promise<MaintenanceProgress> {
  // The drain never answered, so it had only looked. If there is a flag, this run did not set it.
  if (state.drain === undefined) {
    return { done: true, waitSeconds: 0, since: elapsed(undefined).since, commands: [] };
  }
  return switchOff(state.config, progressOf(state.rollback?.maintenance));
}
