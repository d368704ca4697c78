import { Duration } from 'aws-cdk-lib';
import { type IChainable, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { KeepStepName } from '../../functions/contract/watch.ts';
import { functionOf, type StepFunctions } from '../steps.ts';
import { HALF_WAY, NO_WAY_BACK } from './retry-policies.ts';
import { ShutdownTasks } from './shutdown-tasks.ts';
import { Workflow } from './workflow.ts';

/** Longer than the function's own deadline of a day: RDS may take hours to start a database, and refuses a stop meanwhile. */
const MACHINE_TIMEOUT = Duration.hours(30);

/**
 * Stops again what was started while the system is meant to be off. Its input is `KeepInput` (`functions/contract/watch.ts`); after "Stop
 * again" the state holds `kept`. No task has a Catch: an execution that fails has an alarm, and the watch starts another within the hour.
 */
export class KeepStoppedWorkflow extends Workflow {
  constructor(
    scope: Construct,
    id: string,
    props: { name: string; system: string; functions: StepFunctions },
  ) {
    super(scope, id, {
      name: props.name,
      comment: `Lights Out: keeps ${props.system} off`,
      timeout: MACHINE_TIMEOUT,
      functions: [functionOf(props.functions, 'keep')],
      definition: (states) => definition(states, props.functions),
    });
  }
}

function definition(scope: Construct, functions: StepFunctions): IChainable {
  const tasks = new ShutdownTasks(scope, functions);
  const stop = tasks.task({
    name: KeepStepName.stop,
    step: 'keep',
    action: 'stop',
    resultPath: '$.kept',
    retry: NO_WAY_BACK,
  });
  const tell = tasks.task({
    name: KeepStepName.tell,
    step: 'keep',
    action: 'tell',
    resultPath: '$.told',
    retry: HALF_WAY,
  });
  return tasks.loop(stop, '$.kept').next(tell).next(new Succeed(scope, 'Kept off'));
}
