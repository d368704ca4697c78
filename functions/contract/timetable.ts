import type { SystemConfig } from './config.ts';

const MINUTE = 60_000;

/** How often the planner looks, in milliseconds. `lib/schedules.ts` makes a rate of it. */
export const PLANNER_TICK = 15 * MINUTE;

/**
 * A run begins so long before its first notice, in milliseconds. A plan that refuses is then told to the operators before users hear of a
 * shutdown that does not come.
 */
const BEFORE_FIRST_NOTICE = 60 * MINUTE;

/** A start-up begins so much earlier than it is expected to take, in milliseconds. */
const STARTUP_RESERVE = 15 * MINUTE;

/** How long before users are out a run begins, in milliseconds: its notices and an approval have their time. */
export function runBeginsBefore({ notices, approval }: Pick<SystemConfig, 'notices' | 'approval'>): number {
  const longest = Math.max(...notices.leadMinutes);
  return (longest + (approval?.timeoutMinutes ?? 0)) * MINUTE + BEFORE_FIRST_NOTICE;
}

/** How long before the doors open a start-up begins, in milliseconds. The planner may look a tick too late. */
export function startupBeginsBefore(expectedSeconds: number): number {
  return expectedSeconds * 1_000 + STARTUP_RESERVE + PLANNER_TICK;
}

/** The latest moment at which users can still be told in time, in milliseconds before they are out. */
export function shortestNotice({ notices }: Pick<SystemConfig, 'notices'>): number {
  return Math.min(...notices.leadMinutes) * MINUTE;
}
