import { Duration } from 'aws-cdk-lib';
import { Choice, Condition, Fail, type IChainable, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import type { FunctionName } from '../../functions/contract/functions.ts';
import { CLEAN_UP_STATES } from '../../functions/contract/recovery.ts';
import { functionOf, type SystemFunctions } from '../system-functions.ts';
import { NO_WAY_BACK } from './retry-policies.ts';
import { rollBack } from './roll-back.ts';
import { ShutdownTasks } from './shutdown-tasks.ts';
import { Workflow } from './workflow.ts';

/** The roll back's own deadlines end it long before this. */
const MACHINE_TIMEOUT = Duration.hours(12);

/**
 * Cleans up after a run that ended without closing. Its input is `CleanUpInput` (`functions/contract/recovery.ts`). "Take up the run"
 * answers the run's whole state with `recovery` added. From there on it does the same roll back and the same closing as the shutdown, for
 * the run's own execution. CleanUp holds the lock meanwhile. An execution that fails raises an alarm, and the watch starts another within
 * the hour.
 */
export class CleanUpWorkflow extends Workflow {
  constructor(
    scope: Construct,
    id: string,
    props: { name: string; system: SystemConfig; functions: SystemFunctions },
  ) {
    const { name, files } = props.system;
    const called: FunctionName[] = ['recover', 'restore', 'services', 'drain', 'report'];
    if (files.backup === 'verify') called.push('volumes');
    super(scope, id, {
      name: props.name,
      comment: `Lights Out: cleans up after a run of ${name} that did not close`,
      timeout: MACHINE_TIMEOUT,
      functions: called.map((step) => functionOf(props.functions, step)),
      definition: (states) => definition(states, props.functions, props.system),
    });
  }
}

function definition(scope: Construct, functions: SystemFunctions, system: SystemConfig): IChainable {
  const own = new ShutdownTasks(scope, functions);
  const ofTheRun = new ShutdownTasks(scope, functions, { executionPath: '$.recovery.execution' });
  const look = own.task({ ...CLEAN_UP_STATES.look, retry: NO_WAY_BACK });
  const takeUp = own.task({ ...CLEAN_UP_STATES.takeUp, retry: NO_WAY_BACK });
  const close = ofTheRun.task({ ...CLEAN_UP_STATES.close, retry: NO_WAY_BACK });
  const release = own.task({ ...CLEAN_UP_STATES.release, retry: NO_WAY_BACK });
  const incomplete = new Fail(scope, 'Not all of it is back', {
    error: 'RollbackIncomplete',
    causePath: '$.report.summary',
  });
  // A run that only proves a backup has nothing to bring back, only a test instance to delete.
  const isProof = Condition.isPresent('$.run.onlyProve');
  const isCopyGone = Condition.and(
    Condition.isPresent('$.rollback.testInstance.done'),
    Condition.booleanEquals('$.rollback.testInstance.done', true),
  );
  const isBack = Condition.or(
    Condition.stringEquals('$.report.outcome', 'rolled-back'),
    Condition.and(isProof, isCopyGone),
  );
  const ended = new Choice(scope, 'Is everything back?')
    .when(
      Condition.and(Condition.stringEquals('$.recovery.kind', 'roll-back'), Condition.not(isBack)),
      incomplete,
    )
    .otherwise(new Succeed(scope, 'Cleaned up'));
  const closing = close.next(release).next(ended);
  return own
    .loop(look, CLEAN_UP_STATES.look.answer)
    .next(
      new Choice(scope, 'Is there anything to clean up?')
        .when(Condition.stringEquals('$.looked.kind', 'nothing'), new Succeed(scope, 'Nothing to clean up'))
        .otherwise(
          takeUp.next(
            new Choice(scope, 'Had it touched anything?')
              .when(
                Condition.stringEquals('$.recovery.kind', 'roll-back'),
                rollBack(scope, ofTheRun, system).next(closing),
              )
              .otherwise(closing),
          ),
        ),
    );
}
