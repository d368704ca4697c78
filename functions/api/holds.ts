import { z } from 'zod';
import { EnvironmentVariable } from '../contract/environment.ts';
import type { Hold } from '../contract/holds.ts';
import type { Principal } from '../contract/principal.ts';
import { describeIssues } from '../contract/wording.ts';
import { addHold, endHold, readHolds } from '../guard/holds.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { HttpError } from './http-error.ts';

/** The longest hold, in milliseconds. Whoever forgets one longer has switched the shutdowns off. */
const LONGEST = 92 * 24 * 3600_000;

const Instant = z.iso.datetime({
  offset: true,
  error: 'expected a time in ISO 8601 with its offset, e.g. "2026-12-31T18:00:00+08:00"',
});

const HoldRequest = z.strictObject({
  /** From when on, ISO 8601 with an offset. Default: now. */
  from: Instant.optional(),
  /** Until when, ISO 8601 with an offset. */
  until: Instant,
  /** Why, one sentence, for whoever meets the hold. */
  reason: z.string().min(1).max(500),
});

/** Holds the system: until then no shutdown begins whose users would be out in that time. Start-ups are never held. */
export async function hold(system: string, body: unknown, caller: Principal): Promise<{ hold: Hold }> {
  requireSystem(system);
  const parsed = HoldRequest.safeParse(body);
  const problems = parsed.success ? timeProblems(parsed.data) : describeIssues(parsed.error, 'body', body);
  if (!parsed.success || problems.length > 0)
    throw new HttpError(400, 'the body is not a valid hold', problems);
  const { from, until, reason } = parsed.data;
  const made = await addHold(system, {
    from: new Date(from ?? Date.now()).toISOString(),
    until: new Date(until).toISOString(),
    reason,
    by: caller,
  });
  log('info', 'api: system held', { system, by: caller.id, hold: made.id, until: made.until });
  return { hold: made };
}

function timeProblems({ from, until }: z.output<typeof HoldRequest>): string[] {
  const begin = from === undefined ? Date.now() : Date.parse(from);
  const end = Date.parse(until);
  if (end <= Date.now())
    return [`body.until: ${until} has passed; expected a time to come, e.g. "2026-12-31T18:00:00+08:00"`];
  if (end <= begin) return [`body.until: ${until} is not after body.from (${from}); expected a later time`];
  if (end - begin > LONGEST)
    return [
      `body.until: ${until} is more than 92 days after the beginning; expected a nearer time, or leave the shutdowns out of the schedule`,
    ];
  return [];
}

/** The holds that are not over. */
export async function listHolds(system: string): Promise<{ holds: Hold[] }> {
  requireSystem(system);
  const holds = await readHolds(system);
  return {
    holds: holds.filter(({ until, ended }) => ended === undefined && Date.parse(until) > Date.now()),
  };
}

/** Ends a hold before its time. A repeat changes nothing. */
export async function unhold(system: string, id: string, caller: Principal): Promise<{ hold: Hold }> {
  requireSystem(system);
  const ended = await endHold(system, id, caller.id);
  if (ended === undefined) throw new HttpError(404, `no hold of "${system}" has the id "${id}"`);
  log('info', 'api: hold ended', { system, by: caller.id, hold: id });
  return { hold: ended };
}

function requireSystem(system: string): void {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
}
