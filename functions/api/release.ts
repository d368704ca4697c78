import { z } from 'zod';
import { EnvironmentVariable } from '../contract/environment.ts';
import { describeIssues } from '../contract/wording.ts';
import { meantToBeOn } from '../guard/intent.ts';
import { livingHolder } from '../guard/lock.ts';
import { environmentVariable } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { HttpError } from './http-error.ts';

const Release = z.strictObject({
  /** Why, in a sentence: kept with the mark. */
  reason: z.string().min(1).max(500).optional(),
});

export interface Released {
  system: string;
  /** False when it was meant to be on already. */
  released: boolean;
  /** Since when it is meant to be on, and who decided so. Absent when no shutdown was ever finished. */
  since?: string;
  by?: string;
}

/**
 * Clears the mark of a shutdown: from now on nothing stops the system again, and it may be started. Said on record: who (as IAM proved), when and
 * why stand in the mark, whose versions the bucket keeps. Twice is harmless. A run in progress decides for itself, so it is refused then.
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
