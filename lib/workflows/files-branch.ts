import { Fail, type IChainable, type Parallel, Pass } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { type CallingState, STEPS } from '../../functions/contract/steps.ts';
import { HALF_WAY } from './retry-policies.ts';
import { ANY_ERROR, type ShutdownTasks } from './shutdown-tasks.ts';
import type { WaitUntilDone } from './wait-until-done.ts';

/**
 * The branch of a backup for the CRM's files: Snapshot volumes, then Verify volumes → Delete test volumes for systems that compare files.
 * It runs in parallel with the snapshot of the database, which mostly takes longer. Systems without a backup of files have no such branch.
 */
export class FilesBranch {
  readonly #scope: Construct;
  readonly #tasks: ShutdownTasks;
  readonly #backup: SystemConfig['files']['backup'];

  constructor(scope: Construct, tasks: ShutdownTasks, system: SystemConfig) {
    this.#scope = scope;
    this.#tasks = tasks;
    this.#backup = system.files.backup;
  }

  /**
   * The paths of the branch's answers within those of a parallel state.
   * @param path the branch, e.g. `$[2]`.
   */
  answers(path: string, proved: boolean): Record<string, string> {
    if (this.#backup === 'none') return {};
    const keys = this.#verifies(proved) ? ['volumes', 'volumesCheck', 'testVolumes'] : ['volumes'];
    return Object.fromEntries(keys.map((key) => [`${key}.$`, `${path}.${key}`]));
  }

  /** @param proved false for a run whose input asks for no verification. */
  addTo(parallel: Parallel, proved: boolean): void {
    if (this.#backup === 'none') return;
    const suffix = proved ? '' : ' (not verified)';
    const last = `${this.#verifies(proved) ? STEPS.testVolumes.name : STEPS.volumes.name}${suffix}`;
    const answer = new Pass(this.#scope, `${last}: answer`, { outputPath: '$.backup' });
    const taken = this.#step({ ...STEPS.volumes, name: `${STEPS.volumes.name}${suffix}` });
    if (!this.#verifies(proved)) {
      parallel.branch(taken.next(answer));
      return;
    }
    const chain: IChainable = taken
      .next(this.#step(STEPS.verifyVolumes))
      .next(this.#step(STEPS.testVolumes))
      .next(answer);
    parallel.branch(chain);
  }

  #verifies(proved: boolean): boolean {
    return proved && this.#backup === 'verify';
  }

  /** A failure in a branch ends the parallel state with its own error. */
  #step(state: CallingState): WaitUntilDone {
    const task = this.#tasks.task({ ...state, retry: HALF_WAY });
    task.addCatch(
      new Fail(this.#scope, `${state.name}: failed`, {
        errorPath: '$.failure.Error',
        causePath: '$.failure.Cause',
      }),
      ANY_ERROR,
    );
    return this.#tasks.loop(task, state.answer);
  }
}
