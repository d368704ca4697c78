import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FUNCTIONS } from '../../../functions/contract/functions.ts';
import type { ExecutionReference } from '../../../functions/contract/state.ts';
import { defineStep, type StepEvent } from '../../../functions/runtime/step.ts';
import { execution } from '../fixtures.ts';

const run = vi.fn(() => Promise.resolve({ done: true }));
/** The step that the function serves, called by an execution. Not even a stored part of the state is fetched that is not there. */
const call = (name: string, more: Partial<ExecutionReference>, state: object = { run: { id: 'r' } }) =>
  defineStep<StepEvent<string, object>, object>(
    name,
    run,
  )({ action: 'do', execution: { ...execution, ...more }, state });
const NOT_THERE = { config: { storedAs: 'state/crm/nothing', bytes: 1 } };

beforeEach(() => {
  vi.stubEnv('SYSTEM_NAME', 'crm');
  run.mockClear();
});

describe('a step of an execution that was redriven', () => {
  const ofARun = Object.entries(FUNCTIONS).flatMap(([name, { calledBy }]) =>
    calledBy === 'run' ? [name] : [],
  );

  it.each(ofARun)('does nothing: %s', async (name) => {
    await expect(call(name, { redriveCount: 1 }, NOT_THERE)).rejects.toMatchObject({
      name: 'RedriveRefused',
      message: expect.stringContaining('lights-out finish --system crm'),
    });
    expect(run).not.toHaveBeenCalled();
  });
});

describe('a step', () => {
  it.each<[string, string, Partial<ExecutionReference>]>([
    ['of the first try', 'drain', { redriveCount: 0 }],
    ['for which CleanUp acts, which names no redrive', 'drain', {}],
    ['of CleanUp, although that was redriven: it looks at everything anew', 'recover', { redriveCount: 1 }],
    ['of KeepStopped, although that was redriven', 'keep', { redriveCount: 2 }],
  ])('%s is done', async (_name, name, more) => {
    await expect(call(name, more)).resolves.toEqual({ done: true });
    expect(run).toHaveBeenCalledOnce();
  });
});
