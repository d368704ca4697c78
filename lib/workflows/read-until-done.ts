import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  DistributedMap,
  Errors,
  type INextable,
  Map as InlineMap,
  JsonPath,
  Pass,
  Result,
  S3JsonItemReader,
  type State,
  StateMachineFragment,
  StateMachineType,
  type TaskStateBase,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { CallingState } from '../../functions/contract/steps.ts';
import type { ResourceNames } from '../resource-names.ts';
import { allow, type Permission } from '../rights/permission.ts';
import { HALF_WAY, SERVER_AWAY } from './retry-policies.ts';
import { OWN_EXECUTION, type ShutdownTasks } from './shutdown-tasks.ts';
import { goMeanwhile, type Meanwhile } from './wait-until-done.ts';

/** Batches to read at once. Each call opens 4 connections, and one more to hold the snapshot: 40 of the server's `max_connections`. */
const CONCURRENCY = 8;

export interface ReadUntilDoneProps {
  tasks: ShutdownTasks;
  /** Reads small objects, plans large ones, and combines the results of the batches. Its answer may hold `spread`. */
  task: TaskStateBase;
  /** The state of the task. */
  state: CallingState;
  /** The bucket of the list of batches. */
  evidence: IBucket;
  /** The action for a batch. Default `read`. */
  batchAction?: string;
  /** Label of the distributed Map, unique in a state machine. Default: the step's. */
  label?: string;
  /** A way to go before a wait or the batches, if its condition holds: it must no longer hold after that way. Default: none. */
  meanwhile?: Meanwhile;
}

/**
 * Calls a step that reads a database until it answers `done`, like {@link WaitUntilDone}: Task → Choice → (Map | Wait) → Task. If the
 * answer names batches, a Map reads them in parallel before the next call. While the server is away, the state is tried again.
 *
 * Up to 40 batches go through an inline Map. More go through a distributed Map, whose iterations are executions of their own and fill no
 * history. A batch that fails ends quietly. The next call reads its rest, and meets its error under its own name.
 */
export class ReadUntilDone extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[];

  constructor(scope: Construct, id: string, props: ReadUntilDoneProps) {
    super(scope, id);
    const { task, evidence } = props;
    const resultPath = props.state.answer;
    task.addRetry(SERVER_AWAY);
    const name = task.id;
    const spread = `${resultPath}.spread`;
    const common = {
      itemSelector: {
        batch: JsonPath.numberAt('$$.Map.Item.Value.batch'),
        execution: OWN_EXECUTION,
        state: JsonPath.objectAt('$'),
      },
      maxConcurrency: CONCURRENCY,
      resultPath: JsonPath.DISCARD,
    };
    const few = new InlineMap(scope, `${name}: batches`, {
      ...common,
      itemsPath: JsonPath.stringAt(`${spread}.items`),
    });
    few.itemProcessor(oneBatch(scope, `${name}: batch`, props));
    const many = new DistributedMap(scope, `${name}: many batches`, {
      ...common,
      mapExecutionType: StateMachineType.STANDARD,
      label: props.label ?? `${props.state.function}Batches`,
      itemReader: new S3JsonItemReader({ bucket: evidence, key: JsonPath.stringAt(`${spread}.itemsKey`) }),
    });
    many.itemProcessor(oneBatch(scope, `${name}: one of many batches`, props));

    const wait = new Wait(scope, `${name}: wait`, {
      time: WaitTime.secondsPath(`${resultPath}.waitSeconds`),
    });
    const done = new Choice(scope, `${name}: done?`);
    task.next(done);
    // If the Map itself fails, the task reads the rest.
    for (const map of [few, many]) map.addCatch(task, { errors: [Errors.ALL], resultPath: JsonPath.DISCARD });
    for (const again of [few, many, wait]) again.next(task);
    const isSpread = (mode: string): Condition =>
      Condition.and(Condition.isPresent(spread), Condition.stringEquals(`${spread}.mode`, mode));
    const notDone = Condition.booleanEquals(`${resultPath}.done`, false);
    const { meanwhile } = props;
    if (meanwhile !== undefined) {
      // Back to the same answer: the batches that it may name are not read by now.
      goMeanwhile(meanwhile, done);
      done.when(Condition.and(notDone, meanwhile.condition), meanwhile.task);
    }
    done.when(isSpread('inline'), few).when(isSpread('distributed'), many).when(notDone, wait);
    this.startState = task;
    this.endStates = done.afterwards({ includeOtherwise: true }).endStates;
  }
}

/**
 * Permissions of its distributed Map:
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 *
 * @param machine name of the state machine that has the Map.
 */
export function batchPermissions(machine: string, names: ResourceNames, evidence: IBucket): Permission[] {
  const own = 'executions of this state machine’s own distributed Maps';
  return [
    allow(['states:StartExecution'], [names.machineArn(machine)]),
    allow(['states:DescribeExecution', 'states:StopExecution'], [names.executionsOf(machine)], own),
    allow(['states:RedriveExecution'], [names.mapExecutionsOf(machine)], own),
    allow(
      ['s3:GetObject'],
      [evidence.arnForObjects(`runs/${names.system.name}/*-items.json`)],
      'lists of batches, one a run and side',
    ),
  ];
}

/** Calls one batch until it is read. It ends with an empty answer, since thousands of answers must fit into a state. */
function oneBatch(scope: Construct, name: string, { tasks, state, batchAction }: ReadUntilDoneProps) {
  const end = new Pass(scope, `${name}: end`, { result: Result.fromObject({}) });
  const read = tasks
    .batch({ ...state, name, answer: '$.read', retry: HALF_WAY, action: batchAction ?? 'read' })
    .addCatch(end, { errors: [Errors.ALL], resultPath: '$.failure' });
  const wait = new Wait(scope, `${name}: wait`, { time: WaitTime.secondsPath('$.read.waitSeconds') });
  wait.next(read);
  return read.next(
    new Choice(scope, `${name}: done?`)
      .when(Condition.booleanEquals('$.read.done', false), wait)
      .otherwise(end),
  );
}
