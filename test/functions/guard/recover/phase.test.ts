import { describe, expect, it } from 'vitest';
import { StepName } from '../../../../functions/contract/steps.ts';
import { phaseOf } from '../../../../functions/guard/recover/phase.ts';
import { machinesOf, synthesiseSystem } from '../../../support/synthesis.ts';

const approval = {
  approvers: [{ address: 'a@example.com' }],
  principals: ['arn:aws:iam::123456789012:role/Head'],
};
const { machine } = synthesiseSystem({ updates: 'install', approval });
const names = machinesOf(machine).flatMap(({ States }) => Object.keys(States));

describe('the phase of a run', () => {
  it.each([
    [undefined, 'before'],
    ['Plan', 'before'],
    ['Plan: accept', 'before'],
    ['Dry run?', 'before'],
    ['Await approval', 'before'],
    ['Announce: wait', 'before'],
    ['Drain sessions', 'touched'],
    ['Stop services: wait', 'touched'],
    ['Back up', 'touched'],
    ['Verify the backup?', 'touched'],
    ['Take snapshot (not verified)', 'touched'],
    ['Verify restore', 'touched'],
    ['Delete test instance: done?', 'touched'],
    ['Confirm the lock', 'touched'],
    ['Switch off', 'past'],
    ['Stop database: wait', 'past'],
    ['Stop servers: answer', 'past'],
    ['Roll back', 'rolling back'],
    ['Roll back: start services: wait', 'rolling back'],
    ['Close the run', 'closing'],
    ['Run not closed', 'closing'],
    ['a state that nobody has thought of', 'touched'],
  ])('%s → %s', (state, phase) => {
    expect(phaseOf(state)).toBe(phase);
  });

  it('is known for every state of the workflow', () => {
    const touching = names.filter((name) => phaseOf(name) === 'touched');
    const past = names.filter((name) => phaseOf(name) === 'past');

    // A new state that belongs to no step falls among those that may have touched something, and has to be looked at here.
    const known = [
      ...Object.values(StepName),
      'Back up',
      'Back up without proof',
      'Verify the backup?',
      'Confirm the lock',
      'Is there a proof to confirm?',
      'Is the last look fresh?',
    ];
    expect(
      touching.filter(
        (name) =>
          !known.some((one) => name === one || name.startsWith(`${one}: `) || name.startsWith(`${one} (`)),
      ),
    ).toEqual([]);
    expect(past.sort()).toEqual(
      ['Stop database', 'Stop servers']
        .flatMap((name) => [name, `${name}: answer`, `${name}: done?`, `${name}: wait`])
        .concat('Switch off')
        .sort(),
    );
  });
});
