import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  type IChainable,
  Pass,
  Result,
  type StateMachineFragment,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import type { FunctionName } from '../../functions/contract/functions.ts';
import { STARTUP_STEPS } from '../../functions/contract/startup-steps.ts';
import type { CallingState } from '../../functions/contract/steps.ts';
import type { ResourceNames } from '../resource-names.ts';
import { functionOf, type SystemFunctions } from '../system-functions.ts';
import { closeTheRun as closing } from './closing.ts';
import { batchPermissions, ReadUntilDone } from './read-until-done.ts';
import { BEFORE_TOUCHING, HALF_WAY } from './retry-policies.ts';
import { ANY_ERROR, ShutdownTasks } from './shutdown-tasks.ts';
import type { Meanwhile } from './wait-until-done.ts';
import { Workflow } from './workflow.ts';

/** The promised time may be a week away. The steps' own deadlines end a run long before this. */
const MACHINE_TIMEOUT = Duration.days(30);

export interface StartupWorkflowProps {
  system: SystemConfig;
  names: ResourceNames;
  functions: SystemFunctions;
  evidence: IBucket;
}

/**
 * The start-up as a state machine: the mirror of the shutdown. What the state holds after each step (types in
 * `functions/contract/startup-state.ts`):
 *
 * | after | added |
 * |---|---|
 * | Plan the start-up | `run`, `config`, `wake`, or also `alreadyOn` |
 * | Start database · Confirm the data | `database` · `confirmation` |
 * | Start servers · Start services · Check health | `servers` · `services` · `health` |
 * | Open | `opened` |
 * | Tell that it is late | `late` |
 * | Close the start-up | `report` |
 * | any Catch on the way | `failure` |
 *
 * It never rolls back and never touches data: whatever fails, it is closed and says what is up, and the next start-up goes on.
 */
export class StartupWorkflow extends Workflow {
  constructor(scope: Construct, id: string, props: StartupWorkflowProps) {
    const { names, system, functions, evidence } = props;
    super(scope, id, {
      name: names.startup,
      comment: `Lights Out: brings ${system.name} back`,
      timeout: MACHINE_TIMEOUT,
      functions: calledFunctions(system).map((name) => functionOf(functions, name)),
      permissions: batchPermissions(names.startup, names, evidence),
      definition: (states) => definition(states, props),
    });
  }
}

function calledFunctions({ startup }: SystemConfig): FunctionName[] {
  const called = new Set<FunctionName>(Object.values(STARTUP_STEPS).map((step) => step.function));
  return [...called].filter(
    (name) => name !== STARTUP_STEPS.checkHealth.function || startup.health.length > 0,
  );
}

function definition(scope: Construct, { system, functions, evidence }: StartupWorkflowProps): IChainable {
  const tasks = new ShutdownTasks(scope, functions);
  const closeTheRun = closing(scope, tasks, {
    step: STARTUP_STEPS.closeStartup,
    endedWell: ['succeeded', 'planned', 'already-on'],
  });
  const late = (step: string, from: LateFrom = '$.run.lateAt'): Meanwhile => tellLate(tasks, step, from);
  const until = (state: CallingState, from?: LateFrom): StateMachineFragment =>
    tasks.loop(
      tasks.task({ ...state, retry: HALF_WAY }).addCatch(closeTheRun, ANY_ERROR),
      state.answer,
      late(state.name, from),
    );
  const read = tasks.task({ ...STARTUP_STEPS.confirmData, retry: HALF_WAY });
  read.addCatch(closeTheRun, ANY_ERROR);
  const confirm = new ReadUntilDone(scope, `${read.id} loop`, {
    tasks,
    task: read,
    state: STARTUP_STEPS.confirmData,
    evidence,
    batchAction: 'read-return',
    label: 'returnBatches',
    meanwhile: late(read.id),
  });
  const isChecked = system.startup.health.length > 0;
  const check = (name: string, from?: LateFrom): StateMachineFragment =>
    until({ ...STARTUP_STEPS.checkHealth, name }, from);
  // What begins at the promised time is not late while it is under way.
  const open = until(STARTUP_STEPS.open, '$.run.overdueAt').next(closeTheRun);
  const wait = new Wait(scope, 'Wait for the promised time', {
    time: WaitTime.timestampPath('$.run.backAt'),
  });
  // What was healthy when the waiting began need not be when it ends. The second look begins anew.
  const afterTheWait = isChecked
    ? wait
        .next(
          new Pass(scope, 'Look again', {
            result: Result.fromObject({}),
            resultPath: STARTUP_STEPS.checkHealth.answer,
          }),
        )
        .next(check(`${STARTUP_STEPS.open.name}: check health again`, '$.run.overdueAt'))
        .next(open)
    : wait.next(open);
  // A promise that has passed keeps nobody out: a Wait until then ends at once.
  const doors = new Choice(scope, 'Is there a promise?')
    .when(Condition.isPresent('$.run.backAt'), afterTheWait)
    .otherwise(open);
  const up = until(STARTUP_STEPS.startDatabase)
    .next(confirm)
    .next(until(STARTUP_STEPS.startServers))
    .next(until(STARTUP_STEPS.startServices));
  // Without checks a system counts as healthy once its services are active.
  const bring = isChecked ? up.next(check(STARTUP_STEPS.checkHealth.name)).next(doors) : up.next(doors);
  return tasks
    .task({ ...STARTUP_STEPS.planStartup, retry: BEFORE_TOUCHING })
    .addCatch(closeTheRun, ANY_ERROR)
    .next(
      new Choice(scope, 'Is there anything to start?')
        .when(
          Condition.or(Condition.isPresent('$.alreadyOn'), Condition.booleanEquals('$.run.dryRun', true)),
          closeTheRun,
        )
        .otherwise(bring),
    );
}

/** From when on a step that is still under way breaks the promise. */
type LateFrom = '$.run.lateAt' | '$.run.overdueAt';

/** Tells users once that the promise will not hold. */
function tellLate(tasks: ShutdownTasks, step: string, from: LateFrom): Meanwhile {
  const { answer, name } = STARTUP_STEPS.late;
  return {
    task: tasks.task({
      ...STARTUP_STEPS.late,
      name: `${step}: ${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      retry: BEFORE_TOUCHING,
    }),
    resultPath: answer,
    condition: Condition.and(
      Condition.isPresent(from),
      Condition.isNotPresent(answer),
      // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
      Condition.timestampGreaterThanEqualsJsonPath('$$.State.EnteredTime', from),
    ),
  };
}
