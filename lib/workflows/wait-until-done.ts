import type { TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  Errors,
  type IChainable,
  type INextable,
  type State,
  StateMachineFragment,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** What is done while a loop waits. */
export interface Meanwhile {
  condition: Condition;
  task: TaskStateBase;
  /** Path of its answer, or of its error: a failure holds nothing up. */
  resultPath: string;
}

/** Goes by way of {@link Meanwhile} to the next state of a loop. */
export function goMeanwhile({ task, resultPath }: Meanwhile, next: IChainable): void {
  task.addCatch(next, { errors: [Errors.ALL], resultPath }).next(next);
}

/**
 * Calls a step until it answers `done`, waiting as long as it says in between: Task → Choice → Wait → Task.
 *
 * @example
 * new WaitUntilDone(this, 'Snapshot', { task: takeSnapshot, resultPath: '$.backup.snapshot' }).next(restore)
 */
export class WaitUntilDone extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[];

  /**
   * @param props.resultPath path of the task's answer, `{ done, waitSeconds, … }`.
   * @param props.meanwhile a way to go before a wait, if its condition holds. Default: none.
   */
  constructor(
    scope: Construct,
    id: string,
    props: { task: TaskStateBase; resultPath: string; meanwhile?: Meanwhile | undefined },
  ) {
    super(scope, id);
    const { task, resultPath, meanwhile } = props;
    const name = task.id;
    const wait = new Wait(scope, `${name}: wait`, {
      time: WaitTime.secondsPath(`${resultPath}.waitSeconds`),
    });
    const done = new Choice(scope, `${name}: done?`);
    task.next(done);
    wait.next(task);
    const notDone = Condition.booleanEquals(`${resultPath}.done`, false);
    if (meanwhile !== undefined) {
      goMeanwhile(meanwhile, wait);
      done.when(Condition.and(notDone, meanwhile.condition), meanwhile.task);
    }
    done.when(notDone, wait);
    this.startState = task;
    this.endStates = done.afterwards({ includeOtherwise: true }).endStates;
  }
}
