import { defineStep } from '../shared/step.ts';
import { hintOf } from './events.ts';
import { keepOff, type Watched } from './keep-off.ts';

const watch = defineStep(
  'watch',
  ({ event }: { action: 'look'; event: unknown }): Promise<Watched> => keepOff(hintOf(event)),
);

/**
 * Looks whether what is meant to be off is off. What RDS started by itself is handed to KeepStopped; what somebody started by hand is told
 * to the operators, and handed on by policy.
 *
 * Trigger: events of RDS, EC2 and CloudTrail that say that something was started, and every hour, since events may be lost
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/working-with-events.html). It never trusts an event: it looks. Twice is harmless.
 * It stops nothing itself and has no permission to.
 */
export const handler = (event: unknown): Promise<Watched> => watch({ action: 'look', event });
