/**
 * How much later than at once the end of a wait may be seen, as a share of the time waited: after an hour, six minutes.
 */
const LATEST_SHARE = 0.1;

/**
 * How long a loop waits before it looks again, in whole seconds: its own pause, which grows once it has looked ten times. An execution ends
 * at 25,000 events (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html) and a look takes nine, so the number of looks
 * must not grow with the deadline: thus it grows with the logarithm of it, and a loop of 30 days looks some 120 times.
 *
 * @param pauseSeconds between the first looks. @param elapsedSeconds since the loop began.
 */
export function lookAgainIn(pauseSeconds: number, elapsedSeconds: number): number {
  return Math.ceil(Math.max(pauseSeconds, elapsedSeconds * LATEST_SHARE));
}

/** The most looks that a loop takes to its deadline, when each answers at once. */
export function mostLooks(pauseSeconds: number, deadlineSeconds: number): number {
  let elapsed = 0;
  let looks = 1;
  while (elapsed <= deadlineSeconds) {
    elapsed += lookAgainIn(pauseSeconds, elapsed);
    looks += 1;
  }
  return looks;
}
