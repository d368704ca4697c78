import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import type * as Functions from '../../../functions/contract/functions.ts';
import { stepOfState } from '../../../functions/contract/step-lookup.ts';
import type * as Steps from '../../../functions/contract/steps.ts';
import { STEPS } from '../../../functions/contract/steps.ts';

/** The drain, as another catalogue has it. */
const { OTHER_STEP, OTHER_FUNCTION } = vi.hoisted(() => ({
  OTHER_STEP: {
    name: 'Send everybody home',
    zh: '请大家回家',
    action: 'send-home',
    phase: 'past',
    expectedSeconds: 4321,
    outage: { stage: 4, branch: 9 },
    sendsCommands: undefined,
  },
  OTHER_FUNCTION: { timeoutSeconds: 77, memoryMib: 333, network: undefined, environment: [] },
}));

vi.mock('../../../functions/contract/steps.ts', async (original) => {
  const actual = await original<typeof Steps>();
  const STEPS = { ...actual.STEPS, drain: { ...actual.STEPS.drain, ...OTHER_STEP } };
  return { ...actual, STEPS, StepName: { ...actual.StepName, drain: OTHER_STEP.name } };
});
vi.mock('../../../functions/contract/functions.ts', async (original) => {
  const actual = await original<typeof Functions>();
  const FUNCTIONS = { ...actual.FUNCTIONS, drain: { ...actual.FUNCTIONS.drain, ...OTHER_FUNCTION } };
  return { ...actual, FUNCTIONS, functionFacts: (name: Functions.FunctionName) => FUNCTIONS[name] };
});
vi.mock('../../../functions/runtime/evidence.ts', () => ({ readEvidence: async () => undefined }));

describe('when a record of the catalogue changes', () => {
  it('the stack follows: the state, its call, its time-out, the function’s size, network and environment', async () => {
    const { SystemStack } = await import('../../../lib/system-stack.ts');
    const { SystemConfig } = await import('../../../functions/contract/config.ts');
    const { systems } = await import('../../../systems.ts');
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new SystemStack(app, 'LightsOut-crm', { system: SystemConfig.parse(systems[0]) });
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Lights Out: step drain',
      Timeout: OTHER_FUNCTION.timeoutSeconds,
      MemorySize: OTHER_FUNCTION.memoryMib,
    });
    const [drain] = Object.values(
      template.findResources('AWS::Lambda::Function', {
        Properties: { Description: 'Lights Out: step drain' },
      }),
    );
    expect(drain?.['Properties']).not.toHaveProperty('VpcConfig');
    expect(drain?.['Properties'].Environment.Variables).not.toHaveProperty('MAINTENANCE_DOCUMENT');
    const definitions = Object.values(template.findResources('AWS::StepFunctions::StateMachine')).map(
      ({ Properties }) => JSON.stringify(Properties.DefinitionString).replaceAll('\\', ''),
    );
    const shutdown = definitions.find((text) => text.includes('"Announce"')) ?? '';
    expect(shutdown).toContain(`"${OTHER_STEP.name}":{"Next":"${OTHER_STEP.name}: done?"`);
    expect(shutdown).toContain('"action":"send-home"');
    expect(shutdown).toContain('"TimeoutSeconds":92');
    expect(shutdown).not.toContain('Drain sessions');
  });

  it('the expectation follows: the first guess, and what counts for the outage', async () => {
    const { expectedDurations } = await import('../../../functions/guard/durations.ts');

    const { steps, totalSeconds } = await expectedDurations('crm', 'full');

    expect(steps).toMatchObject({ [OTHER_STEP.name]: OTHER_STEP.expectedSeconds });
    // It is longer than all that is beside it now: 60 s of services before it; 900 + 120 + 300 + 10 + 5 + 360 + 10 s after it.
    expect(totalSeconds).toBe(60 + OTHER_STEP.expectedSeconds + 1705);
  });

  it('CleanUp follows: the phase, and which commands are waited for', async () => {
    const { isBesideOthers, phaseOf, sendsCommands } = await import(
      '../../../functions/guard/recover/phase.ts'
    );

    const state = `${OTHER_STEP.name}: wait`;
    expect([phaseOf(state), sendsCommands(state), isBesideOthers(state)]).toEqual(['past', false, true]);
  });

  it('the report follows, in both languages', async () => {
    const { labelsOf } = await import('../../../functions/report/html/language.ts');
    const { stateLabel } = await import('../../../functions/report/html/labels.ts');

    expect(stateLabel(labelsOf('zh-CN'), OTHER_STEP.name)).toBe(OTHER_STEP.zh);
    expect(stateLabel(labelsOf('en'), OTHER_STEP.name)).toBe(OTHER_STEP.name);
  });
});

describe('a state belongs to', () => {
  it.each([
    ['Take snapshot', STEPS.snapshot],
    ['Take snapshot: wait', STEPS.snapshot],
    ['Take snapshot (not verified)', STEPS.snapshot],
    ['Roll back: delete test instance: done?', STEPS.rollbackTestInstance],
    ['Delete test instance: done?', STEPS.testInstance],
    ['Plan: accept', STEPS.plan],
    ['Take snapshots', undefined],
    ['Roll back', undefined],
  ])('%s', (state, step) => {
    expect(stepOfState(state)).toBe(step);
  });
});
