import {
  Choice,
  Condition,
  Errors,
  type IChainable,
  JsonPath,
  Pass,
  Result,
  Succeed,
  type TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { STEPS } from '../../functions/contract/steps.ts';
import { AT_THE_END, HALF_WAY } from './retry-policies.ts';
import type { ShutdownTasks } from './shutdown-tasks.ts';

/** States by which a redriven run goes on, and the key of the state that each discards. */
const WAYS_ON = {
  'switch-off': ['Switch off again', '$.off'],
  'confirm-source': ['Confirm the source again', '$.off'],
  'roll-back': ['Roll back again', '$.rollback'],
} as const;

/** The end of every run. */
export class Closing {
  /** Evidence, report, notices, release of the lock. Then the execution ends as the run did. */
  readonly close: TaskStateBase;
  readonly #scope: Construct;
  readonly #leftToDo: Choice;

  /**
   * A failed run never reads SUCCEEDED. It ends in a task that throws its error, not in a Fail state. Redriven, a Fail state only fails
   * again, but the task looks for the way on (`functions/report/end-run.ts`).
   */
  constructor(scope: Construct, tasks: ShutdownTasks) {
    this.#scope = scope;
    this.#leftToDo = new Choice(scope, 'What is left to do?');
    const succeeded = new Succeed(scope, 'Run succeeded');
    // A redrive repeats the state after this one, but not this one. So that state finds the earlier number.
    const noted = new Pass(scope, 'Note the redrives', {
      parameters: { redriveCount: JsonPath.numberAt('$$.Execution.RedriveCount') },
      resultPath: '$.ended',
    });
    this.close = tasks.task({
      ...STEPS.report,
      retry: HALF_WAY,
    });
    this.close.addCatch(noted, { errors: [Errors.ALL], resultPath: '$.closing' });
    this.close.next(
      new Choice(scope, 'How did it end?')
        .when(Condition.isPresent('$.failure'), noted)
        .when(
          Condition.or(
            Condition.stringEquals('$.report.outcome', 'succeeded'),
            Condition.stringEquals('$.report.outcome', 'planned'),
            Condition.stringEquals('$.report.outcome', 'already-off'),
          ),
          succeeded,
        )
        .otherwise(noted),
    );
    noted
      .next(
        tasks.task({
          name: 'End the run',
          function: STEPS.report.function,
          action: 'end',
          answer: '$.redriven',
          retry: AT_THE_END,
          // The task throws the run's own error, which no retry mends.
          alone: true,
        }),
      )
      .next(
        this.#leftToDo
          .when(Condition.stringEquals('$.redriven.next', 'succeeded'), succeeded)
          .otherwise(this.close),
      );
  }

  /** The way of a redriven run from its end. The state of that part is discarded, so that the run looks and acts anew. */
  goesOn(next: keyof typeof WAYS_ON, way: IChainable): void {
    const [name, resultPath] = WAYS_ON[next];
    this.#leftToDo.when(
      Condition.stringEquals('$.redriven.next', next),
      new Pass(this.#scope, name, { result: Result.fromObject({}), resultPath }).next(way),
    );
  }
}
