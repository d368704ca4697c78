import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStates } from '../../../../sandbox/aws/services/states.ts';
import type { Deployment, StateMachineDefinition } from '../../../../sandbox/deployment.ts';
import type { LambdaFunction } from '../../../../sandbox/play/lambda/lambda.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import type { Execution } from '../../../../sandbox/play/states/execution.ts';
import { Executions } from '../../../../sandbox/play/states/executions.ts';
import { Interpreter } from '../../../../sandbox/play/states/interpreter.ts';

const START = Date.parse('2026-11-27T13:00:00Z');
const DAY = 24 * 3600_000;

/** A task that calls the function of the same name with how the execution is told about itself. */
const task = (name: string, rest: object) => ({
  Type: 'Task' as const,
  Resource: `arn:${name}`,
  Parameters: {
    'redriveCount.$': '$$.Execution.RedriveCount',
    'startTime.$': '$$.Execution.StartTime',
    'input.$': '$',
  },
  ...rest,
});

let clock: SandboxClock;
let interpreter: Interpreter;
let calls: { name: string; payload: { redriveCount: number; startTime: string; input: unknown } }[];
/** What each function does when it is called; without an entry it answers its own name. */
let answers: Record<string, () => unknown>;

beforeEach(() => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, START);
  interpreter = new Interpreter(clock);
  calls = [];
  answers = {};
});
afterEach(async () => {
  await interpreter.stop();
  clock.stop();
});

function world(definition: StateMachineDefinition, functions: string[]) {
  const machine = { arn: 'arn:aws:states:x:1:stateMachine:m', name: 'm', definition };
  const lambdas = functions.map((name) => ({
    deployed: { arn: `arn:${name}` },
    invoke: async (payload: (typeof calls)[number]['payload']) => {
      calls.push({ name, payload });
      return answers[name] === undefined ? name : answers[name]();
    },
  }));
  const deployment = { stateMachine: machine, stateMachines: [machine] } as unknown as Deployment;
  const executions = new Executions(deployment, clock, lambdas as unknown as LambdaFunction[], interpreter);
  const operations = createStates(executions);
  const call = (operation: string, input: object) =>
    operations[operation]?.run(input, { clock, caller: { function: 'operator', principal: 'arn:p' } });
  return {
    start: (input: object) => executions.start('run', JSON.stringify(input), machine),
    redrive: (execution: Execution, clientToken?: string) =>
      call('RedriveExecution', { executionArn: execution.arn, clientToken }) as { redriveDate: Date },
    describe: (execution: Execution) =>
      call('DescribeExecution', { executionArn: execution.arn }) as Record<string, unknown>,
  };
}

const fail = (name: string) => () => {
  throw Object.assign(new Error('not now'), { name });
};

const TWO: StateMachineDefinition = {
  StartAt: 'First',
  States: {
    First: task('first', { ResultPath: '$.first', Next: 'Second' }),
    Second: task('second', { ResultPath: '$.second', End: true }),
  },
};

describe('RedriveExecution', () => {
  it('goes on at the state that failed, with its input, under the same name and from the same start', async () => {
    const { start, redrive, describe: look } = world(TWO, ['first', 'second']);
    answers['second'] = fail('NotYet');
    const execution = start({ given: 1 });
    await execution.ended;
    const failed = look(execution);
    delete answers['second'];

    redrive(execution);
    const running = look(execution);
    await execution.ended;

    expect(failed).toMatchObject({
      status: 'FAILED',
      error: 'NotYet',
      redriveCount: 0,
      redriveStatus: 'REDRIVABLE',
    });
    expect(running).toMatchObject({ status: 'RUNNING', redriveCount: 1, redriveStatus: 'NOT_REDRIVABLE' });
    expect(running).not.toHaveProperty('error');
    expect(look(execution)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    expect(calls.map(({ name, payload }) => [name, payload.redriveCount])).toEqual([
      ['first', 0],
      ['second', 0],
      ['second', 1],
    ]);
    expect(calls[2]?.payload).toMatchObject({
      input: { given: 1, first: 'first' },
      startTime: '2026-11-27T13:00:00.000Z',
    });
    // The state was entered once; what it did after the redrive follows on its own events.
    expect(execution.history.events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionFailed',
      'ExecutionFailed',
      'ExecutionRedriven',
      'LambdaFunctionScheduled',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('of a Parallel state goes on only with the branches that had not come to their end, and begins a later round of it anew', async () => {
    const branch = (name: string) => ({
      StartAt: `${name} begins`,
      States: {
        [`${name} begins`]: { Type: 'Pass' as const, Next: name },
        [name]: task(name.toLowerCase(), { End: true }),
      },
    });
    const { start, redrive } = world(
      {
        StartAt: 'Both',
        States: {
          Both: {
            Type: 'Parallel',
            Branches: [branch('Left'), branch('Right')],
            ResultPath: '$.both',
            Next: 'Again',
          },
          Again: task('again', { ResultPath: '$.more', Next: 'Enough?' }),
          'Enough?': {
            Type: 'Choice',
            Choices: [{ Variable: '$.more', BooleanEquals: true, Next: 'Both' } as { Next: string }],
            Default: 'Done',
          },
          Done: { Type: 'Succeed' },
        },
      },
      ['left', 'right', 'again'],
    );
    // The left one is done long before the right one fails.
    answers['right'] = async () => {
      await clock.sleep(60_000);
      fail('NotYet')();
    };
    let rounds = 0;
    answers['again'] = () => {
      rounds += 1;
      return rounds === 1;
    };
    const execution = start({});
    await execution.ended;
    answers['right'] = () => 'right';

    redrive(execution);
    await execution.ended;

    expect(execution.status).toBe('SUCCEEDED');
    expect(calls.map(({ name }) => name)).toEqual([
      ...['left', 'right'],
      ...['right', 'again'],
      ...['left', 'right', 'again'],
    ]);
    expect(calls[3]?.payload.input).toEqual({ both: ['left', 'right'] });
    const entered = execution.history.events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
    expect(entered.filter((name) => name === 'Both')).toHaveLength(2);
    expect(
      entered.filter((name) => !/^(Both|Again|Enough\?|Done|(Left|Right)( begins)?)$/.test(name)),
    ).toEqual([]);
  });

  it('goes on where an execution was stopped, as often as is asked', async () => {
    const { start, redrive } = world(TWO, ['first', 'second']);
    let execution: Execution | undefined;
    answers['second'] = async () => {
      execution?.stop('States.Aborted', 'by hand');
      return 'too late';
    };
    execution = start({});
    await execution.ended;
    const stopped = execution.status;
    redrive(execution);
    await execution.ended;
    delete answers['second'];

    redrive(execution);
    await execution.ended;

    expect(stopped).toBe('ABORTED');
    expect(execution.status).toBe('SUCCEEDED');
    expect(calls.map(({ name, payload }) => [name, payload.redriveCount])).toEqual([
      ['first', 0],
      ['second', 0],
      ['second', 1],
      ['second', 2],
    ]);
  });

  it('answers a repeated call with the same token as the first, and begins nothing', async () => {
    const { start, redrive } = world(TWO, ['first', 'second']);
    answers['second'] = fail('NotYet');
    const execution = start({});
    await execution.ended;

    const first = redrive(execution, 'once');
    await execution.ended;
    const again = redrive(execution, 'once');

    expect(again).toEqual(first);
    expect(execution.redrives.count).toBe(1);
    expect(execution.status).toBe('FAILED');
  });

  it.each([
    ['runs', async () => undefined, 'Execution is RUNNING and cannot be redriven'],
    [
      'succeeded',
      async (execution: Execution) => execution.ended,
      'Execution is SUCCEEDED and cannot be redriven',
    ],
    [
      'ended more than 14 days ago',
      async (execution: Execution) => {
        execution.stop('States.Aborted', '');
        await clock.sleep(15 * DAY);
      },
      'Execution redrivable period exceeded',
    ],
    [
      'has no room in its history',
      async (execution: Execution) => {
        execution.stop('States.Aborted', '');
        while (execution.history.events.length < 24_999) execution.history.add('WaitStateEntered');
      },
      'Execution history event limit exceeded',
    ],
  ])('refuses one that %s', async (_what, come, reason) => {
    const { start, redrive, describe: look } = world(TWO, ['first', 'second']);
    const execution = start({});
    await come(execution);

    expect(() => redrive(execution)).toThrow(
      expect.objectContaining({ code: 'ExecutionNotRedrivable', message: reason }),
    );
    expect(look(execution)).toMatchObject({ redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason });
    execution.stop('States.Aborted', '');
  });

  it.each([
    ['a token with a space', 'a b'],
    ['a token that is too long', 'x'.repeat(65)],
  ])('refuses %s', async (_what, clientToken) => {
    const { start, redrive } = world(TWO, ['first', 'second']);
    answers['second'] = fail('NotYet');
    const execution = start({});
    await execution.ended;

    expect(() => redrive(execution, clientToken)).toThrow(
      expect.objectContaining({ code: 'ValidationException' }),
    );
    expect(execution.redrives.count).toBe(0);
  });
});
