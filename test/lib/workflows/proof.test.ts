import { describe, expect, it } from 'vitest';
import { StepName } from '../../../functions/contract/steps.ts';
import type { AslMachine } from '../../support/judges/machine.ts';
import { reachedFrom } from '../../support/judges/machine.ts';
import { synthesiseSystem } from '../../support/synthesis.ts';

const FIRST = `${StepName.manifest} (running system)`;

describe.each<[string, Parameters<typeof synthesiseSystem>[0]]>([
  ['as it stands', {}],
  [
    'with a second person',
    {
      approval: {
        approvers: [{ address: 'boss@example.com', language: 'en' }],
        principals: ['arn:aws:iam::123456789012:role/Boss'],
      },
    },
  ],
  ['whose updates are installed', { updates: 'install' }],
])('the way of a run that only proves a backup, of a system %s', (_name, changes) => {
  const machine = synthesiseSystem(changes).machineOf('Shutdown') as AslMachine;
  const reached = reachedFrom(machine, FIRST);
  it('is chosen by the plan alone, before anybody is asked or told', () => {
    expect(machine.States['Dry run?']?.Choices).toContainEqual({
      Variable: '$.run.onlyProve',
      IsPresent: true,
      Next: FIRST,
    });
  });

  it('never comes to a state that asks, tells, drains, updates, stops or switches off', () => {
    const forbidden = [
      StepName.approval,
      StepName.announce,
      StepName.drain,
      StepName.updates,
      StepName.services,
      StepName.confirmServices,
      'Confirm the lock',
      'Switch off',
      StepName.database,
      StepName.servers,
    ];
    expect([...reached].filter((name) => forbidden.some((state) => name.startsWith(state)))).toEqual([]);
    expect(reached).toContain(StepName.report);
    expect(reached).toContain('Roll back');
  });

  it('ends by the closing, whatever fails', () => {
    for (const name of reached) {
      const { Type, Catch = [] } = machine.States[name] ?? { Type: 'none' };
      if (Type !== 'Task' || name === StepName.report) continue;
      expect(Catch.at(-1), name).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Roll back' });
    }
  });

  it('calls nothing in the roll back but the deletion of what it made', () => {
    const branches = machine.States['Roll back']?.Branches ?? [];
    const back = branches.find(({ StartAt }) => StartAt === 'Was anything stopped?');
    expect(back?.States['Was anything stopped?']?.Choices).toEqual([
      { Variable: '$.run.onlyProve', IsPresent: true, Next: 'Nothing was stopped' },
    ]);
    expect(back?.States['Nothing was stopped']).toMatchObject({ Type: 'Pass', End: true });
  });
});
