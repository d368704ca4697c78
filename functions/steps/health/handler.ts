import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { HealthCheck } from '../../contract/health-config.ts';
import type { CheckedHealth, HealthEvidence, HealthResult } from '../../contract/health-state.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { DatabaseStarted } from '../../contract/startup-state.ts';
import type { Failure, RunContext } from '../../contract/state.ts';
import { writeEvidence } from '../../runtime/evidence.ts';
import { defineStep, elapsed, progressOf, type StepEvent } from '../../runtime/step.ts';
import { askScript, readScript } from './ask-script.ts';
import { lookAtHttp } from './look-at-http.ts';
import { lookAtSql } from './look-at-sql.ts';
import { lookAtTcp } from './look-at-tcp.ts';
import type { Look } from './look-result.ts';
import { isDue, isLate, isSeenSince, pauseBeforeLastRound, unseen, waitSeconds, withLook } from './rounds.ts';

/** What the step reads of a run. */
export interface HealthState {
  run: Pick<RunContext, 'id'>;
  config: SystemConfig;
  /** Only for `sql` checks: where the database answers. */
  database?: Pick<DatabaseStarted, 'address' | 'port'>;
  /** Its own last answer. */
  health?: HealthResult | Failure;
}

export type HealthEvent = StepEvent<'check', HealthState>;

/**
 * One round of health checks, all side by side; done when all were green and, in one last round, still are. It only looks, so twice is
 * harmless.
 *
 * @throws LightsOutError `HealthNotGreen` naming every check that is past its deadline, with its last answer.
 */
export const handler = defineStep('health', async ({ state }: HealthEvent): Promise<HealthResult> => {
  const checks = state.config.startup.health;
  const previous = progressOf(state.health);
  const { since } = elapsed(previous);
  const moment = { now: Date.now(), lastRound: previous?.lastRound };
  const seen = await Promise.all(
    checks.map((check, index) => {
      const before = previous?.checks[index] ?? unseen(check, moment.now);
      return lookAt(check, before, isDue(check, before, moment), state);
    }),
  );
  const now = Date.now();
  const late = checks.filter((check, index) => {
    const own = seen[index];
    return own !== undefined && isLate(check, own, checks, now);
  });
  if (late.length > 0) {
    await record(state, 'not-green', seen);
    throw notGreen(late, seen);
  }
  const { lastRound } = moment;
  const allGreen = seen.every(({ green }) => green);
  if (allGreen && (checks.length === 0 || isOver(seen, lastRound))) {
    await record(state, 'green', seen);
    return { done: true, waitSeconds: 0, since, checks: seen };
  }
  if (allGreen && lastRound === undefined) {
    const pause = pauseBeforeLastRound(checks);
    return {
      done: false,
      waitSeconds: pause,
      since,
      checks: seen,
      lastRound: new Date(now + 1).toISOString(),
    };
  }
  return {
    done: false,
    waitSeconds: waitSeconds(
      checks.flatMap((check, index) => {
        const own = seen[index];
        return own === undefined ? [] : [[check, own] as const];
      }),
      now,
    ),
    since,
    checks: seen,
    // One that fell ends the last round; another one follows when it is green again.
    ...(allGreen && lastRound !== undefined ? { lastRound } : {}),
  };
});

function isOver(seen: readonly CheckedHealth[], lastRound: string | undefined): boolean {
  return lastRound !== undefined && seen.every((each) => isSeenSince(each, lastRound));
}

/** One check after this call: looked at when it is due, its server's answer read when one is under way. */
async function lookAt(
  check: HealthCheck,
  before: CheckedHealth,
  due: boolean,
  state: HealthState,
): Promise<CheckedHealth> {
  const answered = before.command === undefined ? undefined : await readScript(before.command);
  if (answered !== undefined) return withLook(check, before, answered, Date.now());
  if (!due) return before;
  const look = await lookOnce(check, state);
  return 'id' in look ? { ...before, command: look } : withLook(check, before, look, Date.now());
}

async function lookOnce(
  { http, tcp, sql, ...check }: HealthCheck,
  { config, database }: HealthState,
): Promise<Look | NonNullable<CheckedHealth['command']>> {
  if (http !== undefined) return await lookAtHttp(http);
  if (tcp !== undefined) return await lookAtTcp(tcp);
  if (sql !== undefined) return await lookAtSql(sql, config, endpointOf(database));
  return await askScript(check, config);
}

/** @throws LightsOutError `InvalidInput` for a state made by hand: the step before found the endpoint. */
function endpointOf({ address, port }: NonNullable<HealthState['database']> = {}): {
  address: string;
  port: number;
} {
  if (address !== undefined && port !== undefined) return { address, port };
  throw new LightsOutError(
    ErrorName.InvalidInput,
    'database.address: missing; expected the endpoint that "Start database" found: start the start-up from its beginning',
  );
}

/** Writes down what was seen, and when. */
async function record(
  { run, config }: HealthState,
  outcome: 'green' | 'not-green',
  seen: readonly CheckedHealth[],
): Promise<void> {
  const evidence: HealthEvidence = {
    system: config.name,
    run: run.id,
    at: new Date(Date.now()).toISOString(),
    outcome,
    checks: seen.map(({ command: _underWay, ...check }) => check),
  };
  await writeEvidence(EvidenceKey.health(config.name, run.id), evidence);
}

function notGreen(late: readonly HealthCheck[], seen: readonly CheckedHealth[]): LightsOutError {
  const found = late.map((check) => {
    const own = seen.find(({ name }) => name === check.name);
    const answer = own === undefined || own.lastAnswer === '' ? 'no answer' : own.lastAnswer;
    return `"${check.name}" (${answer})`;
  });
  return new LightsOutError(
    ErrorName.HealthNotGreen,
    `health checks not green by their deadline: ${found.join(', ')}; expected green: look at each from inside the network of the functions, ` +
      'mend what is down or correct startup.health in systems.ts; users are not let in until then',
  );
}
