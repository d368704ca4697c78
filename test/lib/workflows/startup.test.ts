import { describe, expect, it } from 'vitest';
import { ErrorName } from '../../../functions/contract/errors.ts';
import { STARTUP_STEPS } from '../../../functions/contract/startup-steps.ts';
import type { AslMachine, AslRule, AslState } from '../../support/judges/machine.ts';
import { reachedFrom, scopesOf, targetsOf } from '../../support/judges/machine.ts';
import { synthesiseSystem } from '../../support/synthesis.ts';

const CHECK = { name: 'crm', tcp: { host: 'crm.example.com', port: 443 } };
const variants = {
  'without checks': synthesiseSystem({ startup: { health: [] } }),
  'with checks': synthesiseSystem({ startup: { health: [CHECK] } }),
};
type Variant = keyof typeof variants;
const machineOf = (variant: Variant): AslMachine => variants[variant].machineOf('Startup') as AslMachine;
const stateOf = (variant: Variant, name: string): AslState => {
  const state = machineOf(variant).States[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  return state;
};
const tasksOf = (variant: Variant): [string, AslState][] =>
  scopesOf(machineOf(variant))
    .flatMap(({ States }) => Object.entries(States))
    .filter(([, { Type }]) => Type === 'Task');
const CLOSE = STARTUP_STEPS.closeStartup.name;

/** The way of a run where everything is done at its first call: the defaults of the choices. */
function straightWay(variant: Variant): string[] {
  const { StartAt, States } = machineOf(variant);
  const way: string[] = [];
  for (let name: string | undefined = StartAt; name !== undefined && way.length < 50; ) {
    const state: AslState | undefined = States[name];
    if (state?.Type === 'Task') way.push(name);
    name = state?.Default ?? state?.Next;
  }
  return way;
}

/** Paths that the choices read, however deep. */
const pathsOf = (rule: AslRule): string[] => [
  ...(rule.Variable === undefined ? [] : [rule.Variable]),
  ...Object.entries(rule).flatMap(([key, value]) =>
    key.endsWith('Path') && typeof value === 'string' ? [value] : [],
  ),
  ...[...(rule.And ?? []), ...(rule.Or ?? []), ...(rule.Not === undefined ? [] : [rule.Not])].flatMap(
    pathsOf,
  ),
];

describe.each(Object.keys(variants) as Variant[])('the start-up’s state machine, %s', (variant) => {
  it('gives every task a time-out and a catch of every error', () => {
    const tasks = tasksOf(variant);
    expect(tasks.length).toBeGreaterThan(12);
    for (const [name, { TimeoutSeconds, Catch = [] }] of tasks) {
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      expect(
        Catch.map(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toEqual([['States.ALL']]);
    }
  });

  it('closes the run whatever fails on the way, with the error in `failure`', () => {
    for (const [name, { Catch: [caught] = [] }] of Object.entries(machineOf(variant).States)) {
      if (name === CLOSE || caught === undefined || !name.match(/^(Plan|Start|Confirm|Check|Open)[^:]*$/))
        continue;
      if (machineOf(variant).States[name]?.Type !== 'Task') continue;
      expect(caught, name).toMatchObject({ Next: CLOSE, ResultPath: '$.failure' });
    }
    expect(reachedFrom(machineOf(variant), machineOf(variant).StartAt)).toContain(CLOSE);
  });

  it('ends in no other way than by the closing', () => {
    const { States } = machineOf(variant);
    const ends = Object.entries(States).filter(
      ([, { Type, End }]) => Type === 'Fail' || Type === 'Succeed' || End,
    );
    expect(ends.map(([name]) => name).sort()).toEqual(['Run failed', 'Run not closed', 'Run succeeded']);
    for (const [name, state] of Object.entries(States))
      if (targetsOf(state).some((next) => ends.some(([end]) => end === next)))
        expect([CLOSE, 'How did it end?']).toContain(name);
  });

  it('reads succeeded only without a failure, and fails with the error that there was', () => {
    expect(stateOf(variant, 'How did it end?')).toMatchObject({
      Choices: [
        { Variable: '$.report.error', IsPresent: true, Next: 'Run failed' },
        {
          Or: ['succeeded', 'planned', 'already-on'].map((StringEquals) => ({
            Variable: '$.report.outcome',
            StringEquals,
          })),
          Next: 'Run succeeded',
        },
      ],
      Default: 'Run failed',
    });
    expect(stateOf(variant, 'Run failed')).toMatchObject({
      ErrorPath: '$.report.error.Error',
      CausePath: '$.report.error.Cause',
    });
    expect(stateOf(variant, CLOSE).Catch).toMatchObject([
      { ResultPath: '$.closing', Next: 'Run not closed' },
    ]);
  });

  it('starts nothing for a dry run and for a system that is on', () => {
    const { Choices: [rule] = [] } = stateOf(variant, 'Is there anything to start?');

    expect(rule).toMatchObject({
      Or: [
        { Variable: '$.alreadyOn', IsPresent: true },
        { Variable: '$.run.dryRun', BooleanEquals: true },
      ],
      Next: CLOSE,
    });
  });

  it('reads only parts of the state that never lie in the evidence bucket', () => {
    const read = Object.values(machineOf(variant).States).flatMap(({ Choices = [], SecondsPath }) => [
      ...Choices.flatMap(pathsOf),
      ...(SecondsPath === undefined ? [] : [SecondsPath]),
    ]);
    const answers = Object.values(STARTUP_STEPS).map(({ answer }) => answer as string);
    expect(read.length).toBeGreaterThan(20);
    for (const path of new Set(read)) {
      const [, part = '', ...inner] = path.split('.');
      const isOfAnAnswer =
        answers.includes(`$.${part}`) &&
        (inner.length === 0 || /^(done|waitSeconds|spread)/.test(inner.join('.')));
      expect(
        isOfAnAnswer || /^\$\.(run\.|report\.(error|outcome)$|alreadyOn$)|^\$\$\./.test(path),
        path,
      ).toBe(true);
    }
  });

  it('tells users once that it is late, then goes on, whatever comes of the mail', () => {
    const { States } = machineOf(variant);
    const late = Object.keys(States).filter((name) => /: tell that it is late$/.test(name));
    // Each loop has its own.
    expect(late.length).toBe(variant === 'with checks' ? 7 : 5);
    for (const name of late) {
      const step = name.slice(0, name.lastIndexOf(':'));
      const { Next, Catch, ResultPath } = stateOf(variant, name);
      expect(ResultPath, name).toBe('$.late');
      expect(Catch, name).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.late', Next }]);
      // Reading goes on with the same answer, which may name batches.
      expect(Next, name).toBe(`${step}: ${step === STARTUP_STEPS.confirmData.name ? 'done?' : 'wait'}`);
      const rule = stateOf(variant, `${step}: done?`).Choices?.find((each) => each.Next === name);
      expect(JSON.stringify(rule), name).toContain('{"Variable":"$.late","IsPresent":false}');
      // What begins at the promised time is late only some minutes after it.
      const from = step.startsWith(STARTUP_STEPS.open.name) ? '$.run.overdueAt' : '$.run.lateAt';
      expect(JSON.stringify(rule), name).toContain(
        `{"Variable":"$$.State.EnteredTime","TimestampGreaterThanEqualsPath":"${from}"}`,
      );
      expect(JSON.stringify(rule), name).toContain(`{"Variable":"${from}","IsPresent":true}`);
    }
  });

  it('tries nothing again that another execution or a person has to mend', () => {
    const tried = tasksOf(variant).flatMap(([, { Retry = [] }]) =>
      Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    expect(tried).toContain(ErrorName.AwsTemporarilyUnavailable);
    for (const name of [ErrorName.LockLost, ErrorName.RedriveRefused, ErrorName.DataChanged, 'States.ALL'])
      expect(tried).not.toContain(name);
  });

  it('waits for the promised time only where there is one, and then opens', () => {
    expect(stateOf(variant, 'Is there a promise?')).toMatchObject({
      Choices: [{ Variable: '$.run.backAt', IsPresent: true, Next: 'Wait for the promised time' }],
      Default: STARTUP_STEPS.open.name,
    });
    expect(stateOf(variant, 'Wait for the promised time')).toMatchObject({ TimestampPath: '$.run.backAt' });
    expect(reachedFrom(machineOf(variant), 'Wait for the promised time')).toContain(STARTUP_STEPS.open.name);
  });

  it('lets its role call its own functions only', () => {
    const called = new Set(Object.values(STARTUP_STEPS).map((step) => step.function as string));
    if (variant === 'without checks') called.delete('health');
    const invoked = new Set(tasksOf(variant).map(([, { Parameters }]) => JSON.stringify(Parameters)));
    expect(invoked.size).toBeGreaterThan(8);
    expect(functionsOfRole(variant)).toEqual([...called].sort());
  });
});

/** The functions that the role of the start-up's machine may invoke, by the names in their logical ids. */
function functionsOfRole(variant: Variant): string[] {
  const resources = Object.entries(variants[variant].template.Resources);
  const policies = resources.filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && /Startup/.test(id));
  const invoked = policies.flatMap(([, { Properties }]) =>
    (
      Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown }[] }
    ).Statement.filter(({ Action }) => [Action].flat().includes('lambda:InvokeFunction')).map(
      ({ Resource }) => JSON.stringify(Resource),
    ),
  );
  return resources
    .filter(
      ([id, { Type }]) =>
        Type === 'AWS::Lambda::Function' && invoked.some((text) => text.includes(`"${id}"`)),
    )
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, '').toLowerCase())
    .sort();
}

describe('the order of a start-up', () => {
  const { planStartup, startDatabase, confirmData, startServers, startServices, checkHealth, open } =
    STARTUP_STEPS;
  const before = [planStartup, startDatabase, confirmData, startServers, startServices].map(
    ({ name }) => name,
  );

  it('is database, data, servers, services, doors; the data come before any server', () => {
    expect(straightWay('without checks')).toEqual([...before, open.name, CLOSE]);
  });

  it('has the health before the doors, where checks are', () => {
    expect(straightWay('with checks')).toEqual([...before, checkHealth.name, open.name, CLOSE]);
    expect(Object.keys(machineOf('without checks').States).filter((name) => /health/i.test(name))).toEqual(
      [],
    );
  });

  it('looks at the health anew after the wait: what it found before does not count', () => {
    expect(stateOf('with checks', 'Wait for the promised time').Next).toBe('Look again');
    expect(stateOf('with checks', 'Look again')).toMatchObject({
      Type: 'Pass',
      Result: {},
      ResultPath: '$.health',
      Next: 'Open: check health again',
    });
    expect(stateOf('with checks', 'Open: check health again: done?').Default).toBe(open.name);
  });
});
