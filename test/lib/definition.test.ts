import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ErrorName } from '../../functions/contract/errors.ts';
import { StepName } from '../../functions/contract/steps.ts';
import { type Machine, machinesOf, type State, synthesiseSystem } from '../support/synthesis.ts';

const approval = {
  approvers: [{ address: 'head@example.com' }],
  principals: ['arn:aws:iam::123456789012:role/Head'],
  timeoutMinutes: 45,
};
const variants = {
  'the example': synthesiseSystem(),
  'with approval and updates': synthesiseSystem({ approval, updates: 'install' }),
  'without maintenance mode': synthesiseSystem({ maintenance: undefined }),
  'with snapshots of files only': synthesiseSystem({ files: { backup: 'snapshot' } }),
  'without its files': synthesiseSystem({ files: { backup: 'none' } }),
};

const sources = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.name.endsWith('.ts') && !(entry.name === 'errors.ts' && entry.parentPath.endsWith('contract')),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
const functionSources = sources(fileURLToPath(new URL('../../functions', import.meta.url)));

const states = (machine: Machine): [string, State][] =>
  machinesOf(machine).flatMap((each) => Object.entries(each.States));
const targets = (state: State): string[] => [
  ...[state.Next, state.Default].filter((name) => name !== undefined),
  ...(state.Choices ?? []).map((choice) => choice.Next),
  ...(state.Catch ?? []).map((catcher) => catcher.Next),
];

/** Names that Step Functions and Lambda themselves give: the user guide's pages on error handling and on Lambda's errors. */
const PLATFORM =
  /^(States\.(ALL|Timeout|HeartbeatTimeout)|Lambda\.(ClientExecutionTimeoutException|ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException|Unknown)|Sandbox\.Timedout|Runtime\.ExitError)$/;

describe.each(Object.entries(variants))('the state machine, %s', (_name, { machine }) => {
  it('gives every task a time-out and a catch', () => {
    const tasks = states(machine).filter(([, state]) => state.Type === 'Task');
    expect(tasks.length).toBeGreaterThan(15);
    for (const [name, state] of tasks) {
      expect(state.TimeoutSeconds, `${name}: TimeoutSeconds`).toBeGreaterThan(0);
      expect(
        state.Catch?.some((catcher) => catcher.ErrorEquals.includes('States.ALL')),
        `${name}: Catch`,
      ).toBe(true);
    }
  });

  it('leads only to states that exist, and to every state', () => {
    for (const each of machinesOf(machine)) {
      const names = Object.keys(each.States);
      const reached = new Set([each.StartAt, ...Object.values(each.States).flatMap(targets)]);
      expect([...reached].filter((name) => !names.includes(name))).toEqual([]);
      expect(names.filter((name) => !reached.has(name))).toEqual([]);
    }
  });

  it('tries nothing again in an execution that was redriven, so that it comes to its end at once', () => {
    const tried = states(machine).flatMap(([, { Retry = [] }]) => Retry.flatMap((rule) => rule.ErrorEquals));
    expect(tried.length).toBeGreaterThan(0);
    for (const name of [ErrorName.RedriveRefused, 'States.ALL', 'States.TaskFailed'])
      expect(tried).not.toContain(name);
  });

  it('gives every function the count of redrives, also for a batch', () => {
    const given = states(machine).flatMap(([, { Type, Parameters, ItemSelector }]) =>
      Type === 'Task' || Type === 'Map' ? [JSON.stringify(Parameters ?? ItemSelector)] : [],
    );
    expect(given.length).toBeGreaterThan(10);
    for (const text of given) expect(text).toMatch(/\$\$\.Execution\.RedriveCount|"\$\.execution"/);
  });

  it('matches only errors that are really thrown', () => {
    const matched = new Set(
      states(machine).flatMap(([, state]) =>
        [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap((rule) => rule.ErrorEquals),
      ),
    );
    for (const name of matched) {
      if (PLATFORM.test(name)) continue;
      expect(Object.values<string>(ErrorName)).toContain(name);
      expect(functionSources, `${name} is thrown somewhere`).toContain(`ErrorName.${name}`);
    }
  });

  it('comes to the stop of the database only past the proof', () => {
    const top = machine.States;
    const leadingTo = (name: string): string[] =>
      Object.entries(top).flatMap(([state, content]) => (targets(content).includes(name) ? [state] : []));
    // From the test instance's deletion, or from the snapshot of a run that was told not to verify.
    expect(leadingTo('Switch off')).toEqual(['Is the last look fresh?']);
    expect(leadingTo('Is the last look fresh?')).toEqual(['Confirm the lock']);
    expect(leadingTo('Confirm the lock').sort()).toEqual([
      'Confirm the source: done?',
      'Is there a proof to confirm?',
    ]);
    expect(top['Is there a proof to confirm?']).toMatchObject({
      Choices: [{ Variable: '$.run.verification', StringEquals: 'none', Next: 'Confirm the lock' }],
      Default: StepName.confirmSource,
    });
    expect(leadingTo('Is there a proof to confirm?')).toEqual([`${StepName.confirmServices}: done?`]);
    // The services are looked at once more when the look is no longer fresh.
    expect(
      leadingTo(StepName.confirmServices)
        .filter((name) => name !== `${StepName.confirmServices}: wait`)
        .sort(),
    ).toEqual(['Back up without proof', `${StepName.testInstance}: done?`, 'Is the last look fresh?']);
    expect(leadingTo('Back up without proof')).toEqual(['Verify the backup?']);
  });

  it('reads SUCCEEDED only when the closing says so, and otherwise fails with the error that the closing tells', () => {
    const top = machine.States;
    expect(top['How did it end?']).toMatchObject({
      Choices: [
        { Variable: '$.report.error', IsPresent: true, Next: 'Run failed' },
        {
          Or: [
            { Variable: '$.report.outcome', StringEquals: 'succeeded' },
            { Variable: '$.report.outcome', StringEquals: 'planned' },
            { Variable: '$.report.outcome', StringEquals: 'proved' },
            { Variable: '$.report.outcome', StringEquals: 'already-off' },
          ],
          Next: 'Run succeeded',
        },
      ],
      Default: 'Run failed',
    });
    expect(top['Run failed']).toEqual({
      Type: 'Fail',
      ErrorPath: '$.report.error.Error',
      CausePath: '$.report.error.Cause',
    });
    expect(top['Close the run']).toMatchObject({
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.closing', Next: 'Run not closed' }],
    });
    expect(top['Run not closed']).toEqual({
      Type: 'Fail',
      ErrorPath: '$.closing.Error',
      CausePath: '$.closing.Cause',
    });
  });
});

describe('the CRM’s files', () => {
  const names = (variant: keyof typeof variants): string[] =>
    states(variants[variant].machine).map(([name]) => name);
  const own = [StepName.volumes, StepName.verifyVolumes, StepName.testVolumes, StepName.rollbackTestVolumes];

  it.each<[keyof typeof variants, string[]]>([
    ['the example', own],
    ['with snapshots of files only', [StepName.volumes]],
    ['without its files', []],
  ])('have the steps that the system asks for, %s', (variant, steps) => {
    expect(own.filter((name) => names(variant).includes(name))).toEqual(steps);
  });

  it('are compared and their copies deleted in the same branch, beside the snapshot of the database', () => {
    const branches = variants['the example'].machine.States['Back up']?.Branches ?? [];
    const [branch] = branches.filter((each) => each.StartAt === StepName.volumes);
    expect(branch?.States[`${StepName.volumes}: done?`]?.Default).toBe(StepName.verifyVolumes);
    expect(branch?.States[`${StepName.verifyVolumes}: done?`]?.Default).toBe(StepName.testVolumes);
  });

  it('are only put into snapshots by a run that is told not to verify', () => {
    const branches = variants['the example'].machine.States['Back up without proof']?.Branches ?? [];
    expect(branches.map((branch) => branch.StartAt)).toEqual([
      `${StepName.snapshot} (not verified)`,
      `${StepName.volumes} (not verified)`,
    ]);
  });
});

describe('approval', () => {
  it('has both time-outs, as a lost token would otherwise hang the run for a year', () => {
    const state = variants['with approval and updates'].machine.States[StepName.approval];
    expect(state).toMatchObject({ TimeoutSeconds: 45 * 60 });
    // Nobody beats here; and it would have to be smaller: https://states-language.net/spec.html#heartbeatseconds
    expect(state).not.toHaveProperty('HeartbeatSeconds');
    expect(variants['the example'].machine.States[StepName.approval]).toBeUndefined();
  });
});

it('has no error name that no function throws', () => {
  // PartlyOff is the state machine's own: its Fail state gives it.
  const unused = Object.keys(ErrorName).filter(
    (name) => name !== 'PartlyOff' && !functionSources.includes(`ErrorName.${name}`),
  );
  expect(unused).toEqual([]);
});
