import { ErrorName, LightsOutError } from '../shared/contract/errors.ts';
import type { Drained, ShutdownState } from '../shared/contract/state.ts';
import { readCredentials } from '../shared/engines/credentials.ts';
import { connectPostgres } from '../shared/engines/postgres/connection.ts';
import { countSessions } from '../shared/engines/postgres/sessions.ts';
import { requireDatabase } from '../shared/planned.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';
import { type MaintenanceProgress, switchMaintenance } from './maintenance.ts';

export type DrainEvent = StepEvent<'drain' | 'end', 'run' | 'config' | 'plan' | 'drain' | 'rollback'>;

/** How the drain goes on: first maintenance mode, then the sessions. */
interface DrainProgress extends Drained {
  switching?: MaintenanceProgress;
  /** When maintenance mode was seen on: the users' time counts from here. */
  countedSince?: string;
}

const POLL_SECONDS = 20;
const STATEMENT_TIMEOUT_SECONDS = 30;

/**
 * Keeps new users out (`drain`: maintenance mode on), counts those who are in until nobody is, and follows the policy when
 * some stay. `end` switches maintenance mode off again as part of a roll back.
 *
 * Trigger: the workflow's states "Drain sessions" and "Roll back: end maintenance mode", called again until done.
 * Rejects with `SessionsRemain` (policy `abort`), `MaintenanceModeFailed`, `AgentOffline`, `DatabaseUnreachable`.
 */
export const handler = defineStep(
  'drain',
  async (event: DrainEvent): Promise<DrainProgress | MaintenanceProgress> => {
    if (event.action === 'drain') return drain(event.state);
    if (event.action === 'end') return end(event.state);
    throw new LightsOutError(
      ErrorName.InvalidInput,
      `action "${String(event.action)}": expected "drain" or "end"`,
    );
  },
);

async function drain(state: DrainEvent['state']): Promise<DrainProgress> {
  const { config } = state;
  const previous: DrainProgress | undefined = state.drain;
  const { since } = elapsed(previous);
  const maintenance = config.maintenance === undefined ? 'none' : 'on';
  const base = { since, maintenance, proceeded: false } as const;
  const switching =
    previous?.switching?.done === true
      ? previous.switching
      : await switchMaintenance(config, 'on', previous?.switching);
  if (!switching.done) {
    return {
      ...base,
      done: false,
      waitSeconds: switching.waitSeconds,
      sessions: previous?.sessions ?? 0,
      switching,
    };
  }
  const counted = elapsed(
    previous?.countedSince === undefined ? undefined : { since: previous.countedSince },
  );
  const sessions = await countUsers(state);
  const answer = { ...base, sessions, switching, countedSince: counted.since };
  if (sessions === 0) return { ...answer, done: true, waitSeconds: 0 };
  const left = config.drain.timeoutMinutes * 60 - counted.seconds;
  if (left > 0)
    return { ...answer, done: false, waitSeconds: Math.max(1, Math.ceil(Math.min(POLL_SECONDS, left))) };
  if (config.drain.policy === 'proceed') return { ...answer, done: true, waitSeconds: 0, proceeded: true };
  throw new LightsOutError(
    ErrorName.SessionsRemain,
    `${sessions} sessions are still open ${config.drain.timeoutMinutes} minutes after maintenance mode went on; expected none (drain.policy is "abort"): ` +
      'ask the users to sign out, or allow more time (drain.timeoutMinutes), or set drain.policy to "proceed"',
  );
}

async function countUsers({ config, plan }: Pick<ShutdownState, 'config' | 'plan'>): Promise<number> {
  const { address, port } = requireDatabase(plan);
  const credentials = await readCredentials(config.database.credentialsSecretArn);
  const database = config.database.databases?.[0] ?? 'postgres';
  const client = await connectPostgres({
    address,
    port,
    database,
    credentials,
    statementTimeoutSeconds: STATEMENT_TIMEOUT_SECONDS,
  });
  try {
    return await countSessions(client, { ...config.drain, databases: config.database.databases });
  } finally {
    await client.end();
  }
}

async function end(state: DrainEvent['state']): Promise<MaintenanceProgress> {
  const previous = state.rollback?.maintenance;
  const progress =
    previous !== undefined && 'since' in previous ? (previous as MaintenanceProgress) : undefined;
  return switchMaintenance(state.config, 'off', progress);
}
