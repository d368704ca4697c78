import { EnvironmentVariable } from '../../contract/environment.ts';
import { environmentVariable } from '../../runtime/environment.ts';
import { defineStep } from '../../runtime/step.ts';
import { cleanUpAfterDead } from './clean-up.ts';
import { hintOf } from './events.ts';
import { keepOff, type Watched } from './keep-off.ts';

type Answer = Watched & { cleaningUp?: string };

const watch = defineStep('watch', async ({ event }: { action: 'look'; event: unknown }): Promise<Answer> => {
  const hint = hintOf(event);
  const cleaningUp = await cleanUpAfterDead(environmentVariable(EnvironmentVariable.SystemName), hint);
  return { ...(await keepOff(hint)), ...(cleaningUp === undefined ? {} : { cleaningUp }) };
});

/**
 * Looks whether a run is over without having closed, which CleanUp is started for, and whether what is meant to be off is off. What RDS started by itself is handed to KeepStopped; what somebody started by hand is told
 * to the operators, and handed on by policy.
 *
 * Trigger: events of RDS, EC2 and CloudTrail that say that something was started, of Step Functions that a run did not end well, and every hour, since events may be lost
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/working-with-events.html). It never trusts an event: it looks. Twice is harmless.
 * It starts and stops nothing of the system itself and has no permission to.
 */
export const handler = (event: unknown): Promise<Answer> => watch({ action: 'look', event });
