import type { SystemConfig } from '../contract/config.ts';
import { ErrorName, LightsOutError } from '../contract/errors.ts';

/**
 * How long reading one side may take. Ten terabytes at 150 MB/s take 19 hours. Each call goes on where the last one stopped. Without a
 * deadline, a server that does not answer would keep the CRM's services down as long as the execution lasts.
 */
export const READING_DEADLINE_SECONDS = 24 * 3600;

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
  if (seconds <= READING_DEADLINE_SECONDS) return;
  const whose = side === 'source' ? database.identifier : `the restored copy of ${database.identifier}`;
  throw new LightsOutError(
    ErrorName.VerificationImpossible,
    `system ${name}: ${whose} was not read to the end ${Math.round(seconds / 3600)} hours after it was begun, expected within ${READING_DEADLINE_SECONDS / 3600}; ` +
      `look at the server's load (Performance Insights) and at the log of the function "${side === 'source' ? 'manifest' : 'verify'}", then start the run again`,
  );
}
