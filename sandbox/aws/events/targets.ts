import { randomUUID } from 'node:crypto';
import type { LambdaFunction } from '../../play/lambda/lambda.ts';
import type { Executions } from '../../play/states/executions.ts';
import type { AlarmWorld } from '../alarms/alarm-world.ts';
import type { CallerDirectory } from '../iam/authorization.ts';

export interface EventTargetsOptions {
  executions: Pick<Executions, 'deployment' | 'start'>;
  functions: readonly LambdaFunction[];
  callers: Pick<CallerDirectory, 'find' | 'allows'>;
  alarms: Pick<AlarmWorld, 'messageSent'>;
}

/** What events are handed to: the functions and state machines of a stack, by ARN. */
export class EventTargets {
  /** Events that were lost: a target failed on them, and they lie in no queue. */
  readonly lost: Error[] = [];
  readonly #options: EventTargetsOptions;

  constructor(options: EventTargetsOptions) {
    this.#options = options;
  }

  /** An asynchronous call of a function, or the start of a state machine. @throws Error when it failed, or nothing has the ARN. */
  async deliver(target: string, payload: unknown): Promise<void> {
    const { executions } = this.#options;
    const machine = executions.deployment.stateMachines.find(({ arn }) => arn === target);
    if (machine !== undefined) {
      executions.start(randomUUID(), JSON.stringify(payload), machine);
      return;
    }
    const called = this.#function(target);
    if (called === undefined) throw new Error(`no function or state machine has the ARN ${target}`);
    await called.invoke(payload);
  }

  /**
   * A target failed on an event to the end: by the function's own role it goes to the function's queue, whose alarm rings.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  gaveUp(target: string): void {
    const { callers, alarms } = this.#options;
    const { onFailure: queue, accessKeyId = '' } = this.#function(target)?.deployed ?? {};
    const caller = callers.find(accessKeyId);
    if (queue !== undefined && caller !== undefined && callers.allows(caller, 'sqs:SendMessage', queue))
      alarms.messageSent(queue);
    else this.lost.push(new Error(`${target} failed on an event to the end, and the event lies in no queue`));
  }

  #function(arn: string): LambdaFunction | undefined {
    return this.#options.functions.find(({ deployed }) => deployed.arn === arn);
  }
}
