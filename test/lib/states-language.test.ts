// @ts-expect-error: it comes without types.
import validator from 'asl-validator';
import { describe, expect, it } from 'vitest';
import { StepName } from '../../functions/contract/steps.ts';
import type { AslMachine, AslState } from '../support/judges/machine.ts';
import { distinctMachines } from '../support/judges/stacks.ts';
import { problemsOfMachine } from '../support/judges/states-language.ts';

/** A second parser, by others; it writes into what it is given. It takes a heartbeat as long as the time-out. */
const validate = validator as (machine: unknown) => {
  isValid: boolean;
  errorsText(): string;
};

const machines = distinctMachines();

describe.each(machines)('$name', ({ definition }) => {
  it('keeps the rules of the States Language', () => {
    expect(problemsOfMachine(definition)).toEqual([]);
  });

  it('is taken by a second parser', () => {
    const { isValid, errorsText } = validate(JSON.parse(definition));
    expect(isValid, errorsText()).toBe(true);
  });
});

const [approved] = machines.filter(({ definition }) => definition.includes(`"${StepName.approval}"`));

/** Faults that were there, or might be: what is done to a good machine, and how the judge names it. */
const FAULTS: [string, (states: Record<string, AslState>, machine: AslMachine) => void, RegExp][] = [
  [
    'a heartbeat as long as the time-out',
    (states) => {
      const state = stateOf(states, StepName.approval);
      state.HeartbeatSeconds = state.TimeoutSeconds ?? 0;
    },
    /^Await approval: HeartbeatSeconds \d+ is not smaller/,
  ],
  [
    'a state that nobody leads to',
    (states) => {
      states['Island'] = { Type: 'Succeed' };
    },
    /^Island: no path leads there/,
  ],
  [
    'a loop without an end',
    (states) => {
      states['Forever'] = { Type: 'Pass', Next: 'Forever' };
      stateOf(states, StepName.plan).Next = 'Forever';
    },
    /^Forever: no path leads from there to an end/,
  ],
  [
    'a state that is not there',
    (states) => {
      stateOf(states, StepName.plan).Next = 'Nowhere';
    },
    /^Nowhere: a state that is not there/,
  ],
  [
    'a path that is text, as its key does not say so',
    (states) => {
      stateOf(states, StepName.plan).Parameters = { state: '$.run' };
    },
    /^Plan: Parameters\.state is the text/,
  ],
  [
    'a path that is none',
    (states) => {
      stateOf(states, StepName.plan).Parameters = { 'state.$': '$.run..id' };
    },
    /^Plan: Parameters\.state\.\$: "\$\.run\.\.id" is no path/,
  ],
  [
    'a function that does not exist',
    (states) => {
      stateOf(states, StepName.plan).Parameters = { 'state.$': "States.Concat('a', $.run)" };
    },
    /^Plan: Parameters\.state\.\$: .* is neither a path nor a call/,
  ],
  [
    'a rule that compares nothing',
    (states) => {
      stateOf(states, 'Dry run?').Choices = [{ Variable: '$.run.dryRun', Next: StepName.report }];
    },
    /^Dry run\?: a rule compares 0 times/,
  ],
  [
    'a rule of a variable that is none',
    (states) => {
      stateOf(states, 'Dry run?').Choices = [{ Variable: 'run', BooleanEquals: true, Next: StepName.report }];
    },
    /^Dry run\?: Variable "run" is no path/,
  ],
  [
    'a choice without a default',
    (states) => {
      delete stateOf(states, 'Dry run?').Default;
    },
    /^Dry run\?: has no Default/,
  ],
  [
    'all errors before others',
    (states) => {
      const state = stateOf(states, StepName.drain);
      state.Catch = [...(state.Catch ?? []), { ErrorEquals: ['Late'], Next: StepName.report }];
    },
    /^Drain sessions: Catch: States\.ALL is not the last/,
  ],
  [
    'all errors among others',
    (states) => {
      stateOf(states, StepName.drain).Retry = [{ ErrorEquals: ['Other', 'States.ALL'] }];
    },
    /^Drain sessions: Retry: States\.ALL is not alone/,
  ],
  [
    'an error that is tried again by two rules',
    (states) => {
      stateOf(states, StepName.drain).Retry = [{ ErrorEquals: ['One'] }, { ErrorEquals: ['One'] }];
    },
    /^Drain sessions: Retry: One is named twice/,
  ],
  [
    'a name of 81 characters',
    (states) => {
      const name = 'x'.repeat(81);
      states[name] = { Type: 'Succeed' };
      stateOf(states, 'Dry run?').Default = name;
    },
    /^x{81}: a name of more than 80 characters/,
  ],
  [
    'a branch whose answer a selector leaves out, and a later state reads',
    (states) => {
      stateOf(states, 'Back up').ResultSelector = { 'manifest.$': '$[0]' };
      stateOf(states, StepName.restore).Parameters = { 'snapshot.$': '$.backup.snapshot' };
    },
    /^Restore test instance: Parameters "\$\.backup\.snapshot" is read/,
  ],
  [
    'a selector that reads a branch that is not there',
    (states) => {
      stateOf(states, 'Switch off').ResultSelector = { 'servers.$': '$[2]' };
    },
    /^Switch off: ResultSelector reads "\$\[2\]", and there is no such branch/,
  ],
  [
    'a result over another state’s',
    (states) => {
      stateOf(states, StepName.services).ResultPath = '$.drain.services';
      stateOf(states, StepName.restore).ResultPath = '$.drain';
    },
    /^Restore test instance: ResultPath "\$\.drain" overwrites "services" in it, which Stop services wrote/,
  ],
  [
    'a result in a list',
    (states) => {
      delete stateOf(states, 'Back up').ResultSelector;
      stateOf(states, StepName.restore).ResultPath = '$.backup.restore';
    },
    /^Restore test instance: ResultPath "\$\.backup\.restore" lies in something that is no object/,
  ],
  [
    'a definition above 1 MB',
    (_states, machine) => {
      Object.assign(machine, { Comment: 'x'.repeat(1024 * 1024) });
    },
    /^the definition has \d+ bytes/,
  ],
];

describe('the judge of machines', () => {
  it.each(FAULTS)('names %s', (_name, put, expected) => {
    const machine = JSON.parse(approved?.definition ?? '{}') as AslMachine;
    put(machine.States, machine);
    expect(problemsOfMachine(JSON.stringify(machine))).toContainEqual(expect.stringMatching(expected));
  });

  it('reads calls of intrinsic functions', () => {
    const machine = (expression: string): string =>
      JSON.stringify({
        StartAt: 'A',
        States: { A: { Type: 'Pass', Parameters: { 'x.$': expression }, End: true } },
      });
    expect(problemsOfMachine(machine("States.Format('it\\'s {}', States.ArrayGetItem($.a, 0))"))).toEqual([]);
    expect(problemsOfMachine(machine('States.MathAdd(1)'))).toHaveLength(1);
    expect(problemsOfMachine(machine("States.Format('{}', $.a"))).toHaveLength(1);
  });
});

function stateOf(states: Record<string, AslState>, name: string): AslState {
  const state = states[name];
  if (state === undefined) throw new Error(`the machine has no state "${name}"`);
  return state;
}
