import { Choice, Condition, Errors, Fail, Succeed, type TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { STEPS } from '../../functions/contract/steps.ts';
import { HALF_WAY } from './retry-policies.ts';
import type { ShutdownTasks } from './shutdown-tasks.ts';

/**
 * The end of every run: evidence, report, notices, release of the lock. Then the execution ends as the run did. A run that did not end well
 * never reads SUCCEEDED: it ends in a Fail state, which fails again if the execution is redriven
 * (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
 */
export function closeTheRun(scope: Construct, tasks: ShutdownTasks): TaskStateBase {
  const close = tasks.task({ ...STEPS.report, retry: HALF_WAY });
  const notClosed = new Fail(scope, 'Run not closed', {
    errorPath: '$.closing.Error',
    causePath: '$.closing.Cause',
  });
  const failed = new Fail(scope, 'Run failed', {
    errorPath: '$.report.error.Error',
    causePath: '$.report.error.Cause',
  });
  close.addCatch(notClosed, { errors: [Errors.ALL], resultPath: '$.closing' });
  const endedWell = ['succeeded', 'planned', 'already-off'].map((outcome) =>
    Condition.stringEquals('$.report.outcome', outcome),
  );
  close.next(
    new Choice(scope, 'How did it end?')
      .when(Condition.isPresent('$.report.error'), failed)
      .when(Condition.or(...endedWell), new Succeed(scope, 'Run succeeded'))
      .otherwise(failed),
  );
  return close;
}
