import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  type CatchProps,
  Choice,
  Condition,
  Errors,
  Fail,
  type IChainable,
  Parallel,
  Pass,
  Result,
  type StateMachineFragment,
  type TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SystemConfig } from '../../functions/contract/config.ts';
import { ErrorName } from '../../functions/contract/errors.ts';
import { type FunctionName, functionFacts } from '../../functions/contract/functions.ts';
import { STARTUP_STEPS } from '../../functions/contract/startup-steps.ts';
import { type CallingState, STEPS } from '../../functions/contract/steps.ts';
import { hasLook } from '../documents/look-document.ts';
import type { ResourceNames } from '../resource-names.ts';
import type { SystemFunctions } from '../system-functions.ts';
import { closeTheRun as closing } from './closing.ts';
import { FilesBranch } from './files-branch.ts';
import { proveOnly } from './proof.ts';
import { batchPermissions, ReadUntilDone } from './read-until-done.ts';
import { BEFORE_TOUCHING, HALF_WAY, NO_WAY_BACK, SETTLES } from './retry-policies.ts';
import { rollBack } from './roll-back.ts';
import { ANY_ERROR, ShutdownTasks } from './shutdown-tasks.ts';
import { Workflow } from './workflow.ts';

/** A run may be announced two weeks ahead and wait a week for approval. Its own deadlines end it long before this. */
const MACHINE_TIMEOUT = Duration.days(30);

const CONFIRM_LOCK = 'Confirm the lock';

export interface ShutdownWorkflowProps {
  system: SystemConfig;
  names: ResourceNames;
  functions: SystemFunctions;
  evidence: IBucket;
}

/**
 * The shutdown as a state machine. What the state holds after each step (types in `functions/contract/state.ts`):
 *
 * | after | added |
 * |---|---|
 * | Plan | `run`, `config`, `plan`, `inspection`, `serversLook`, `acceptance` |
 * | Await approval · Announce | `approval` · `announcement` |
 * | Drain sessions · Install updates · Stop services | `drain` · `updates` · `services` |
 * | Record manifest ∥ Take snapshot ∥ Snapshot volumes | `backup: { manifest, snapshot, volumes }`, of systems that compare files `volumesCheck`, `testVolumes` too |
 * | Restore test instance · Verify restore · Delete test instance | `restore` · `comparison` · `testInstance` |
 * | Confirm the services · Confirm the source · Confirm the lock | `servicesLook` · `sourceLook` · `lock` |
 * | Stop database ∥ Stop servers | `off: { database, servers }`, a failed one as `{ Error, Cause }` |
 * | Close the run | `report` |
 * | of a run that only proves a backup: Read the source again | `sourceLook`; its other states answer as those of the same step do |
 * | any Catch on the way · Roll back | `failure` · `rollback: { testInstance, services, maintenance }` |
 */
export class ShutdownWorkflow extends Workflow {
  constructor(scope: Construct, id: string, props: ShutdownWorkflowProps) {
    super(scope, id, {
      name: props.names.stateMachine,
      comment: `Lights Out: shuts ${props.system.name} down`,
      timeout: MACHINE_TIMEOUT,
      functions: tasksOnly(props.functions),
      permissions: batchPermissions(props.names.stateMachine, props.names, props.evidence),
      definition: (states) => definition(states, props),
    });
  }
}

function definition(scope: Construct, { system, functions, evidence }: ShutdownWorkflowProps): IChainable {
  const tasks = new ShutdownTasks(scope, functions);
  const closeTheRun = closing(scope, tasks, {
    step: STEPS.report,
    endedWell: ['succeeded', 'planned', 'proved', 'already-off'],
  });
  const back = rollBack(scope, tasks, system).next(closeTheRun);

  // Until something is stopped, an error only closes the run. From the drain on, an error rolls back.
  const untouched = (state: CallingState) =>
    tasks.task({ ...state, retry: BEFORE_TOUCHING }).addCatch(closeTheRun, ANY_ERROR);
  const reversible = (state: CallingState) =>
    untilDone(tasks.task({ ...state, retry: HALF_WAY }).addCatch(back, ANY_ERROR), state);
  // Two steps read whole databases, large ones in batches.
  const untilDone = (task: TaskStateBase, state: CallingState): StateMachineFragment =>
    state.function === 'manifest' || state.function === 'verify'
      ? new ReadUntilDone(scope, `${task.id} loop`, { tasks, task, state, evidence })
      : tasks.loop(task, state.answer);
  const branch = (state: CallingState, catching?: CatchProps) => {
    const { name } = state;
    const answer = new Pass(scope, `${name}: answer`, { outputPath: state.answer });
    const task = tasks.task({ ...state, retry: catching === undefined ? HALF_WAY : NO_WAY_BACK });
    if (catching !== undefined) task.addCatch(answer, catching);
    else
      task.addCatch(
        new Fail(scope, `${name}: failed`, { errorPath: '$.failure.Error', causePath: '$.failure.Cause' }),
        ANY_ERROR,
      );
    return untilDone(task, state).next(answer);
  };

  const askServers = hasLook(system)
    ? tasks.loop(
        untouched({
          name: `${STEPS.plan.name}: ask the servers`,
          function: 'plan',
          action: 'ask',
          answer: '$.serversLook',
        }),
        '$.serversLook',
      )
    : new Pass(scope, `${STEPS.plan.name}: no servers to ask`);
  const plan = untouched(STEPS.plan).addRetry(SETTLES);
  const planned = untouched({
    name: `${STEPS.plan.name}: inspect database`,
    function: 'inspect',
    action: 'inspect',
    answer: '$.inspection',
  })
    .next(askServers)
    .next(
      untouched({
        name: `${STEPS.plan.name}: accept`,
        function: 'plan',
        action: 'accept',
        answer: '$.acceptance',
      }),
    );
  const announce = tasks.loop(untouched(STEPS.announce), STEPS.announce.answer);
  const drain = reversible(STEPS.drain);
  const stopServices = reversible(STEPS.services);
  const files = new FilesBranch(scope, tasks, system);
  const backUp = new Parallel(scope, 'Back up', {
    resultPath: '$.backup',
    resultSelector: { 'manifest.$': '$[0]', 'snapshot.$': '$[1]', ...files.answers('$[2]', true) },
  })
    .branch(branch(STEPS.manifest))
    .branch(branch(STEPS.snapshot))
    .addCatch(back, ANY_ERROR);
  const backUpOnly = new Parallel(scope, 'Back up without proof', {
    resultPath: '$.backup',
    resultSelector: { 'snapshot.$': '$[0]', ...files.answers('$[1]', false) },
  })
    .branch(branch({ ...STEPS.snapshot, name: `${STEPS.snapshot.name} (not verified)` }))
    .addCatch(back, ANY_ERROR);
  files.addTo(backUp, true);
  files.addTo(backUpOnly, false);
  const prove = reversible(STEPS.restore).next(reversible(STEPS.verify)).next(reversible(STEPS.testInstance));
  // Past the point of no return each part keeps its own failure, and the other goes on.
  const switchOff = new Parallel(scope, 'Switch off', {
    resultPath: '$.off',
    resultSelector: { 'database.$': '$[0]', 'servers.$': '$[1]' },
  })
    .branch(branch(STEPS.database, { errors: [Errors.ALL], resultPath: STEPS.database.answer }))
    .branch(branch(STEPS.servers, { errors: [Errors.ALL], resultPath: STEPS.servers.answer }))
    .addCatch(closeTheRun, ANY_ERROR);
  switchOff.next(closeTheRun);
  const confirm = lastLook(scope, tasks, evidence, back);
  // The proof holds only while the run holds its lock.
  const goDark = tasks
    .task({ name: CONFIRM_LOCK, function: 'plan', action: 'confirm', answer: '$.lock', retry: HALF_WAY })
    .addCatch(back, ANY_ERROR)
    .next(
      // The tries of the state before may take more than half an hour, so the look may be old.
      new Choice(scope, 'Is the last look fresh?')
        .when(Condition.booleanEquals('$.lock.isLookFresh', false), confirm.services)
        .otherwise(switchOff),
    );
  confirm.services.next(
    new Choice(scope, 'Is there a proof to confirm?')
      .when(Condition.stringEquals('$.run.verification', 'none'), goDark)
      .otherwise(confirm.source.next(goDark)),
  );

  const secure = new Choice(scope, 'Verify the backup?')
    .when(Condition.stringEquals('$.run.verification', 'none'), backUpOnly.next(confirm.services))
    .otherwise(backUp.next(prove).next(confirm.services));
  // Only systems with the policy `install` have that state. The picture of the other systems shows what runs.
  const drained = system.updates === 'install' ? drain.next(reversible(STEPS.updates)) : drain;
  const quiet = drained.next(stopServices).next(secure);
  const begin = announce.next(quiet);
  planned.next(
    new Choice(scope, 'Dry run?')
      .when(Condition.booleanEquals('$.run.dryRun', true), closeTheRun)
      .when(
        Condition.isPresent('$.run.onlyProve'),
        proveOnly(scope, tasks, { evidence, back, afterwards: closeTheRun }),
      )
      .otherwise(withApproval(scope, system, tasks, closeTheRun, begin)),
  );
  return plan.next(
    new Choice(scope, 'Is it off already?')
      .when(Condition.isPresent('$.isOff'), closeTheRun)
      .otherwise(planned),
  );
}

/**
 * The last look before the point of no return: the services are still stopped, and the source still holds the verified data. Both looks are
 * retried and rolled back like any step before them.
 */
function lastLook(
  scope: Construct,
  tasks: ShutdownTasks,
  evidence: IBucket,
  back: IChainable,
): Record<'services' | 'source', StateMachineFragment> {
  const services = tasks.task({ ...STEPS.confirmServices, retry: HALF_WAY });
  services.addCatch(back, ANY_ERROR);
  const state = STEPS.confirmSource;
  const task = tasks.task({ ...state, retry: HALF_WAY });
  task.addCatch(back, ANY_ERROR);
  const batches = { batchAction: 'read-again', label: 'confirmBatches' };
  return {
    services: tasks.loop(services, STEPS.confirmServices.answer),
    source: new ReadUntilDone(scope, `${state.name} loop`, { tasks, task, state, evidence, ...batches }),
  };
}

/** No answer in time is a no. */
function withApproval(
  scope: Construct,
  system: SystemConfig,
  tasks: ShutdownTasks,
  closeTheRun: IChainable,
  begin: IChainable,
): IChainable {
  if (system.approval === undefined) return begin;
  const minutes = system.approval.timeoutMinutes;
  const unanswered = new Pass(scope, `${STEPS.approval.name}: no answer`, {
    result: Result.fromObject({
      Error: ErrorName.ApprovalDenied,
      Cause: `nobody answered within ${minutes} minutes`,
    }),
    resultPath: '$.failure',
  });
  unanswered.next(closeTheRun);
  // Every reader of the history can find the task token, so the run believes only the API's record.
  const confirmed = tasks
    .task({
      ...STEPS.approval,
      name: `${STEPS.approval.name}: check the record`,
      action: 'confirm',
      retry: BEFORE_TOUCHING,
    })
    .addCatch(closeTheRun, ANY_ERROR);
  return tasks
    .approval(STEPS.approval.name, Duration.minutes(minutes), BEFORE_TOUCHING)
    .addCatch(unanswered, { errors: [Errors.TIMEOUT], resultPath: '$.unanswered' })
    .addCatch(closeTheRun, ANY_ERROR)
    .next(confirmed)
    .next(begin);
}

/**
 * The functions that a shutdown calls. People call the API, the schedule calls the starting function, events and other state machines call
 * the watching functions, and only a start-up calls what starts.
 */
function tasksOnly(functions: SystemFunctions): IFunction[] {
  const ofShutdown = new Set<FunctionName>(Object.values(STEPS).map((step) => step.function));
  const onlyOfStartup = new Set<FunctionName>(
    Object.values(STARTUP_STEPS).flatMap((step) => (ofShutdown.has(step.function) ? [] : [step.function])),
  );
  return Object.entries(functions).flatMap(([name, each]) =>
    functionFacts(name as FunctionName).calledBy === 'run' && !onlyOfStartup.has(name as FunctionName)
      ? [each]
      : [],
  );
}
