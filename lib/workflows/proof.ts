import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type CallingState, OF_RUNNING_SYSTEM, STEPS } from '../../functions/contract/steps.ts';
import { ReadUntilDone } from './read-until-done.ts';
import { HALF_WAY } from './retry-policies.ts';
import { ANY_ERROR, type ShutdownTasks } from './shutdown-tasks.ts';

export interface ProofProps {
  evidence: IBucket;
  /** Where an error leads: to the deletion of the test instance. */
  back: IChainable;
  /** What comes after the proof. */
  afterwards: IChainable;
}

/**
 * The way of a run that only proves a backup (`input.onlyProve`). It has states of its own and none that stops, starts or tells anything, so
 * no choice made wrongly further on could switch a running system off. The manifest is recorded before the snapshot is asked for, and the
 * source is read again after it: what nobody wrote to between the two must be in the copy.
 */
export function proveOnly(
  scope: Construct,
  tasks: ShutdownTasks,
  { evidence, back, afterwards }: ProofProps,
): IChainable {
  const task = (state: CallingState) => tasks.task({ ...state, retry: HALF_WAY }).addCatch(back, ANY_ERROR);
  const until = (state: CallingState) => tasks.loop(task(state), state.answer);
  const read = (state: CallingState, label: string, batchAction?: string) =>
    new ReadUntilDone(scope, `${state.name} loop`, {
      tasks,
      task: task(state),
      state,
      evidence,
      label,
      ...(batchAction === undefined ? {} : { batchAction }),
    });
  return read(live(STEPS.manifest), 'liveManifest')
    .next(until(live(STEPS.snapshot)))
    .next(until(live(STEPS.restore)))
    .next(read(live(STEPS.verify), 'liveCopy'))
    .next(read(STEPS.liveSource, 'liveSource', 'read-again'))
    .next(until(live(STEPS.testInstance)))
    .next(afterwards);
}

const live = (state: CallingState): CallingState => ({ ...state, name: `${state.name}${OF_RUNNING_SYSTEM}` });
