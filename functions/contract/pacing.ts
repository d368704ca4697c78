/** The end of a wait may be seen late by this share of the waited time: after an hour, six minutes. */
const LATEST_SHARE = 0.1;

/**
 * How long a loop waits before it looks again, in whole seconds. The wait is the loop's own pause at first, and grows after ten looks.
 *
 * An execution ends at 25,000 events (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html), and a look takes nine. The
 * number of looks must therefore not grow in proportion to the deadline. It grows with the logarithm: a loop of 30 days looks some 120
 * times.
 *
 * @param pauseSeconds between the first looks.
 * @param elapsedSeconds since the loop began.
 */
export function lookAgainIn(pauseSeconds: number, elapsedSeconds: number): number {
  return Math.ceil(Math.max(pauseSeconds, elapsedSeconds * LATEST_SHARE));
}

/** The most looks that a loop takes until its deadline, if each answers at once. */
export function mostLooks(pauseSeconds: number, deadlineSeconds: number): number {
  let elapsed = 0;
  let looks = 1;
  while (elapsed <= deadlineSeconds) {
    elapsed += lookAgainIn(pauseSeconds, elapsed);
    looks += 1;
  }
  return looks;
}

/**
 * The most looks at the health checks until their longest deadline. They keep to their own interval, so a long deadline lengthens their
 * shortest pause. A start-up that waits for its promised time goes through them twice.
 */
export const MOST_HEALTH_LOOKS = 600;
