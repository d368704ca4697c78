import { Duration } from 'aws-cdk-lib';
import { type IChainable, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { KEEP_STATES } from '../../functions/contract/watch.ts';
import { functionOf, type SystemFunctions } from '../system-functions.ts';
import { HALF_WAY, NO_WAY_BACK } from './retry-policies.ts';
import { ShutdownTasks } from './shutdown-tasks.ts';
import { Workflow } from './workflow.ts';

/** Longer than the function's own deadline of a day. RDS may take hours to start a database, and refuses a stop meanwhile. */
const MACHINE_TIMEOUT = Duration.hours(30);

/**
 * Stops a database or servers that were started while the system is meant to be off. Its input is `KeepInput`
 * (`functions/contract/watch.ts`). After "Stop again" the state holds `kept`. No task has a Catch: an execution that fails raises an alarm,
 * and the watch starts another within the hour.
 */
export class KeepStoppedWorkflow extends Workflow {
  constructor(
    scope: Construct,
    id: string,
    props: { name: string; system: string; functions: SystemFunctions },
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

function definition(scope: Construct, functions: SystemFunctions): IChainable {
  const tasks = new ShutdownTasks(scope, functions);
  const stop = tasks.task({ ...KEEP_STATES.stop, retry: NO_WAY_BACK });
  const tell = tasks.task({ ...KEEP_STATES.tell, retry: HALF_WAY });
  return tasks.loop(stop, KEEP_STATES.stop.answer).next(tell).next(new Succeed(scope, 'Kept off'));
}
