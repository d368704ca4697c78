import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment, StateDefinition } from '../../../../sandbox/deployment.ts';
import type { LambdaFunction } from '../../../../sandbox/play/lambda/lambda.ts';
import { SandboxClock } from '../../../../sandbox/play/simulated-clock.ts';
import { Executions } from '../../../../sandbox/play/states/executions.ts';
import { Interpreter } from '../../../../sandbox/play/states/interpreter.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, "Maximum input or output size for a task, state, or execution" */
const MOST = 262_144;

let clock: SandboxClock;
let interpreter: Interpreter;

beforeEach(() => {
  clock = new SandboxClock(Number.POSITIVE_INFINITY, Date.parse('2026-11-27T13:00:00Z'));
  interpreter = new Interpreter(clock);
});
afterEach(async () => {
  await interpreter.stop();
  clock.stop();
});

/** Runs two tasks, each of which answers so many characters; the first keeps its input. */
async function run(input: number, first: number, second = 1) {
  const onError = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };
  const States: Record<string, StateDefinition> = {
    One: { Type: 'Task', Resource: 'arn:one', ResultPath: '$.one', Next: 'Two', ...onError },
    Two: { Type: 'Task', Resource: 'arn:two', ResultPath: '$.two', End: true, ...onError },
    Caught: { Type: 'Pass', End: true },
  };
  const machine = {
    arn: 'arn:aws:states:x:1:stateMachine:m',
    name: 'm',
    definition: { StartAt: 'One', States },
  };
  const lambdas = [
    { deployed: { arn: 'arn:one' }, invoke: async () => 'x'.repeat(first) },
    { deployed: { arn: 'arn:two' }, invoke: async () => 'x'.repeat(second) },
  ];
  const executions = new Executions(
    { stateMachine: machine, stateMachines: [machine] } as unknown as Deployment,
    clock,
    lambdas as unknown as LambdaFunction[],
    interpreter,
  );
  const execution = executions.start('run', JSON.stringify({ text: 'x'.repeat(input) }), machine);
  await execution.ended;
  return { status: execution.status, error: execution.error };
}

describe('an execution', () => {
  it('ends well with data of just the allowed size', async () => {
    // {"text":"…","one":"…"}: 20 characters around the two.
    expect(await run(MOST - 21, 1)).toEqual({ status: 'SUCCEEDED', error: undefined });
  });

  it.each([
    ['is given too much', MOST, 1],
    ['has a function that answers too much', 1, MOST],
    ['adds an answer to data for which there is no room together', MOST / 2, MOST / 2],
  ])('fails, and no Catch helps, when a state %s', async (_what, input, first) => {
    expect(await run(input, first)).toEqual({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
