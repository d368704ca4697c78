import type { TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  type INextable,
  type State,
  StateMachineFragment,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/**
 * Calls a step until it answers `done`, waiting as long as it says in between: Task → Choice → Wait → Task.
 *
 * @example
 * new WaitUntilDone(this, 'Snapshot', { task: takeSnapshot, resultPath: '$.backup.snapshot' }).next(restore)
 */
export class WaitUntilDone extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[];

  /** @param props.resultPath path of the task's answer, `{ done, waitSeconds, … }`. */
  constructor(scope: Construct, id: string, props: { task: TaskStateBase; resultPath: string }) {
    super(scope, id);
    const { task, resultPath } = props;
    const name = task.id;
    const wait = new Wait(scope, `${name}: wait`, {
      time: WaitTime.secondsPath(`${resultPath}.waitSeconds`),
    });
    const done = new Choice(scope, `${name}: done?`);
    task.next(done);
    wait.next(task);
    done.when(Condition.booleanEquals(`${resultPath}.done`, false), wait);
    this.startState = task;
    this.endStates = done.afterwards({ includeOtherwise: true }).endStates;
  }
}
