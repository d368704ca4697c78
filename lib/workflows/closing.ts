import { Choice, Condition, Errors, Fail, Succeed, type TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StartupOutcome } from '../../functions/contract/startup-state.ts';
import type { Outcome } from '../../functions/contract/state.ts';
import type { CallingState } from '../../functions/contract/steps.ts';
import { HALF_WAY } from './retry-policies.ts';
import type { ShutdownTasks } from './shutdown-tasks.ts';

/**
 * The end of every run: evidence, report, notices, release of the lock. Then the execution ends as the run did. A run that did not end well
 * never reads SUCCEEDED: it ends in a Fail state, which fails again if the execution is redriven
 * (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
 *
 * @param props.step the closing of this kind of run.
 * @param props.endedWell the outcomes that read SUCCEEDED.
 */
export function closeTheRun(
  scope: Construct,
  tasks: ShutdownTasks,
  { step, endedWell }: { step: CallingState; endedWell: readonly (Outcome | StartupOutcome)[] },
): TaskStateBase {
  const close = tasks.task({ ...step, retry: HALF_WAY });
  const notClosed = new Fail(scope, 'Run not closed', {
    errorPath: '$.closing.Error',
    causePath: '$.closing.Cause',
  });
  const failed = new Fail(scope, 'Run failed', {
    errorPath: '$.report.error.Error',
    causePath: '$.report.error.Cause',
  });
  close.addCatch(notClosed, { errors: [Errors.ALL], resultPath: '$.closing' });
  close.next(
    new Choice(scope, 'How did it end?')
      .when(Condition.isPresent('$.report.error'), failed)
      .when(
        Condition.or(...endedWell.map((outcome) => Condition.stringEquals('$.report.outcome', outcome))),
        new Succeed(scope, 'Run succeeded'),
      )
      .otherwise(failed),
  );
  return close;
}
