import type { SystemConfig } from '../contract/config.ts';
import { DEADLINE_SECONDS } from '../contract/deadlines.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';

/**
 * Fails the step when reading a database passes its deadline.
 *
 * @param seconds since the step's first call.
 * @throws LightsOutError `VerificationImpossible`.
 */
export function requireInTime(
  side: 'source' | 'copy',
  { name, database }: SystemConfig,
  seconds: number,
): void {
  if (seconds <= DEADLINE_SECONDS.reading) return;
  const whose = side === 'source' ? database.identifier : `the restored copy of ${database.identifier}`;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `system ${name}: ${whose} was not read to the end ${Math.round(seconds / 3600)} hours after it was begun, expected within ${DEADLINE_SECONDS.reading / 3600}; ` +
      `look at the server's load (Performance Insights) and at the log of the function "${side === 'source' ? 'manifest' : 'verify'}", then start the run again`,
  );
}
