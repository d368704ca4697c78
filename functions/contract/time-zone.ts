import { z } from 'zod';

/** Names of the IANA time zone database begin with a capital letter in each part: `Asia/Shanghai`, `UTC`. */
const NAME = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;

/**
 * A name of the IANA time zone database, as EventBridge Scheduler requires
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#time-zones). Not an offset such as `+08:00`, which JavaScript
 * would take.
 */
function isTimeZone(zone: string): boolean {
  if (!NAME.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const TimeZone = z.string().refine(isTimeZone, {
  error: ({ input }) =>
    `found ${JSON.stringify(input)}, expected the name of an IANA time zone, e.g. "Asia/Shanghai" or "Europe/Berlin"`,
});
