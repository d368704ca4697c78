import type { HealthCheck } from '../../contract/health-config.ts';
import type { CheckedHealth } from '../../contract/health-state.ts';
import { MOST_HEALTH_LOOKS } from '../../contract/pacing.ts';
import type { Look } from './look-result.ts';

/** Seconds until the answer of a program on a server is looked for again. */
const COMMAND_SECONDS = 4;

/** The shortest wait between two calls, in seconds. */
const LEAST_SECONDS = 4;

/** A look by its moment, in milliseconds since the epoch. */
export interface Moment {
  now: number;
  /** All checks are looked at once more, since this time. */
  lastRound: string | undefined;
}

/** A check before its first look. */
export function unseen({ name }: HealthCheck, now: number): CheckedHealth {
  return { name, green: false, inARow: 0, looks: 0, since: iso(now), lastAnswer: '' };
}

/** Whether a check is to be looked at now: at its interval until it is green, and once in the last round. */
export function isDue(check: HealthCheck, seen: CheckedHealth, { now, lastRound }: Moment): boolean {
  if (seen.command !== undefined) return false;
  if (lastRound !== undefined) return !isSeenSince(seen, lastRound);
  return !seen.green && secondsUntilDue(check, seen, now) <= 0;
}

/** A check with another look. Red takes its green away: in the last round too, so that a check that flaps is not let through. */
export function withLook(check: HealthCheck, seen: CheckedHealth, look: Look, now: number): CheckedHealth {
  const { command: _answered, ...rest } = seen;
  const inARow = look.green ? seen.inARow + 1 : 0;
  const green = look.green && (seen.green || inARow >= check.inARow);
  return {
    ...rest,
    green,
    inARow,
    looks: seen.looks + 1,
    lastAnswer: look.answer,
    lookedAt: iso(now),
    ...(green && seen.greenAt === undefined ? { greenAt: iso(now) } : {}),
  };
}

/** Whether a check has answered since that time. */
export function isSeenSince(seen: CheckedHealth, time: string): boolean {
  return seen.command === undefined && seen.lookedAt !== undefined && seen.lookedAt >= time;
}

/**
 * Whether a check is not green past its deadline. A check that was green in time and fell in the last round has until the longest deadline
 * of all: the others' slowness gave it the time to fall.
 */
export function isLate(
  check: HealthCheck,
  seen: CheckedHealth,
  checks: readonly HealthCheck[],
  now: number,
): boolean {
  if (seen.green) return false;
  const minutes =
    seen.greenAt === undefined
      ? check.deadlineMinutes
      : Math.max(...checks.map(({ deadlineMinutes }) => deadlineMinutes));
  return now - Date.parse(seen.since) >= minutes * 60_000;
}

/** Seconds until the next call: few enough calls for the history of the execution, however long the deadline. */
export function waitSeconds(pairs: readonly (readonly [HealthCheck, CheckedHealth])[], now: number): number {
  const waits = pairs.flatMap(([check, seen]) => {
    if (seen.command !== undefined) return [COMMAND_SECONDS];
    return seen.green ? [] : [secondsUntilDue(check, seen, now)];
  });
  const longestSeconds = 60 * Math.max(...pairs.map(([{ deadlineMinutes }]) => deadlineMinutes));
  return Math.ceil(Math.max(LEAST_SECONDS, longestSeconds / MOST_HEALTH_LOOKS, Math.min(...waits)));
}

/** Seconds until the last round begins: the shortest interval, since a look right after another shows nothing new. */
export function pauseBeforeLastRound(checks: readonly HealthCheck[]): number {
  return Math.min(...checks.map(({ intervalSeconds }) => intervalSeconds));
}

function secondsUntilDue({ intervalSeconds }: HealthCheck, { lookedAt }: CheckedHealth, now: number): number {
  if (lookedAt === undefined) return 0;
  return intervalSeconds - (now - Date.parse(lookedAt)) / 1000;
}

const iso = (now: number): string => new Date(now).toISOString();
