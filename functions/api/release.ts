import { z } from 'zod';
import { EnvironmentVariable } from '../contract/environment.ts';
import { describeIssues } from '../contract/wording.ts';
import { meantToBeOn } from '../guard/intent.ts';
import { livingHolder } from '../guard/lock.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { HttpError } from './http-error.ts';

const Release = z.strictObject({
  /** The reason, one sentence. The mark keeps it. */
  reason: z.string().min(1).max(500).optional(),
});

export interface Released {
  system: string;
  /** False when the system was already meant to be on. */
  released: boolean;
  /** Since when, and by whose decision, the system is meant to be on. Absent when no shutdown ever finished. */
  since?: string;
  by?: string;
}

/**
 * Clears the mark of a shutdown: nothing stops the system again, and people may start it. The mark records the caller (as IAM proved), the
 * time and the reason. The bucket keeps its versions. A repeat is harmless. A run in progress sets the mark itself, so a release is refused
 * then.
 */
export async function release(system: string, body: unknown, caller: string): Promise<Released> {
  if (system !== environmentVariable(EnvironmentVariable.SystemName))
    throw new HttpError(404, `no system is called "${system}" here`);
  const parsed = Release.safeParse(body);
  if (!parsed.success)
    throw new HttpError(400, 'the body is not a valid release', describeIssues(parsed.error, 'body', body));
  const holder = await livingHolder(system);
  if (holder !== undefined)
    throw new HttpError(
      409,
      `run ${holder.runId} is in progress; expected none: wait until it has ended, or stop that execution, and release then`,
    );
  const { reason } = parsed.data;
  const { changed, intent } = await meantToBeOn(system, {
    by: caller,
    ...(reason === undefined ? {} : { reason }),
  });
  log('info', 'api: system released', { system, by: caller, changed });
  return {
    system,
    released: changed,
    ...(intent === undefined ? {} : { since: intent.since, by: intent.by }),
  };
}
