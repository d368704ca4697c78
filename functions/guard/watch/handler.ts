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
 * Looks whether a run ended without closing, and starts CleanUp for it. Looks whether everything that is meant to be off is off. If RDS
 * itself started a resource, KeepStopped is started. If a person started a resource, the operators are told, and KeepStopped is started if
 * the policy says so.
 *
 * Trigger: events of RDS, EC2 and CloudTrail that something was started; events of Step Functions that a run did not end well; every hour,
 * since events may be lost (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/working-with-events.html). The watch never trusts an
 * event: it looks. Twice is harmless.
 * The watch starts and stops no resource of the system itself and has no permission to.
 */
export const handler = (event: unknown): Promise<Answer> => watch({ action: 'look', event });
