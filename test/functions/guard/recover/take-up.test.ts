import { beforeEach, describe, expect, it } from 'vitest';
import { execution, RUN_ID, standStill } from '../../fixtures.ts';
import { base, NOW, OWN, World } from './world.ts';

let world: World;

standStill(NOW);
beforeEach(() => {
  world = new World();
});

describe('taking up the run', () => {
  const drain = { done: true, maintenance: 'on' };

  it('answers the state of the last step, with the failure that the run itself would have caught', async () => {
    world.tell(
      ['Plan', {}],
      ['Drain sessions'],
      ['Stop services: wait', { ...base, drain, services: { tier: 2 } }],
    );

    expect(await world.takeUp('roll-back')).toEqual({
      ...JSON.parse(JSON.stringify(base)),
      drain,
      services: { tier: 2 },
      failure: {
        Error: 'RunAborted',
        Cause:
          'the execution was stopped by hand (Night shift: the sales team called) in "Stop services: wait", and was cleaned up afterwards',
      },
      recovery: {
        kind: 'roll-back',
        execution: { id: execution.id, name: execution.name, startTime: base.run.startedAt },
        cleanedUp: { Error: 'RunAborted', Cause: expect.stringContaining('by hand'), by: OWN.id },
      },
    });
  });

  it('passes over the input of a part of a step, which is not the run’s state', async () => {
    world.tell(['Verify restore', { ...base, drain }], ['Verify restore: compare chunk', { chunk: 7 }]);

    expect(await world.takeUp('roll-back')).toMatchObject({ drain, run: { id: RUN_ID } });
  });

  it('keeps the run’s own failure, and begins the roll back anew', async () => {
    const failure = { Error: 'SnapshotFailed', Cause: 'x' };
    world.tell(
      ['Roll back', { ...base, failure }],
      ['Roll back: start services: wait', { ...base, failure, rollback: { services: { tier: 3 } } }],
    );

    const state = await world.takeUp('roll-back');

    expect(state.failure).toEqual(failure);
    expect(state).not.toHaveProperty('rollback');
  });

  it('closes a run as its closing found it', async () => {
    const rollback = { testInstance: { done: true }, services: { done: true }, maintenance: { done: true } };
    const failure = { Error: 'SnapshotFailed', Cause: 'x' };
    world.tell(
      ['Close the run', { ...base, failure, rollback }],
      ['Run not closed', { ...base, failure, rollback, closing: {} }],
    );

    expect(await world.takeUp('close')).toMatchObject({ failure, rollback });
  });

  it('has no failure of its own for a run whose closing alone went wrong', async () => {
    const off = { database: { done: true }, servers: { done: true } };
    world.tell(['Close the run', { ...base, off }]);

    const state = await world.takeUp('close');

    expect(state.off).toEqual(off);
    expect(state.failure).toBeUndefined();
  });

  it('says past the point of no return what is off and what is on, as RDS and EC2 say now', async () => {
    world.tell(
      ['Switch off', { ...base, drain }],
      ['Stop database: wait', { ...base, drain, off: { database: { state: 'stopping' } } }],
      ['Stop servers'],
    );
    world.database = 'stopped';

    const state = await world.takeUp('close');

    expect(state.failure).toBeUndefined();
    expect(state.off?.database).toMatchObject({ done: true, state: 'stopped' });
    expect(state.off?.servers).toMatchObject({
      Error: 'RunAborted',
      Cause: expect.stringContaining('web-1 is "running", app-1 is "running"'),
    });
  });

  it('finds that everything was switched off after all', async () => {
    world.tell(['Switch off', base], ['Stop servers: wait']);
    world.database = 'stopped';
    world.servers = 'stopped';

    expect(await world.takeUp('close')).toMatchObject({
      off: { database: { done: true }, servers: { done: true } },
    });
  });

  it('says of a run that was stopped before its plan was made only that', async () => {
    world.tell(['Plan', { reason: 'x' }]);

    const state = await world.takeUp('close');

    expect(state).toEqual({
      failure: { Error: 'RunAborted', Cause: expect.stringContaining('in "Plan"') },
      recovery: {
        kind: 'close',
        execution: { id: execution.id, name: execution.name, startTime: execution.startTime },
        cleanedUp: { Error: 'RunAborted', Cause: expect.stringContaining('in "Plan"'), by: OWN.id },
        requester: 'unknown',
      },
    });
  });

  it.each([
    [
      '{"reason":"night","requestedBy":"Li","dryRun":true}',
      { reason: 'night', requestedBy: 'Li', dryRun: true },
    ],
    ['{"reason":"night","off":{"database":{"done":true}}}', {}],
  ])(
    'keeps what such a run was asked for, and nothing that its plan would have refused: %s',
    async (input, kept) => {
      world.executionIs({ status: 'ABORTED', input });
      world.tell(['Plan', JSON.parse(input)]);

      const { failure: _failure, recovery: _recovery, ...state } = await world.takeUp('close');
      expect(state).toEqual(kept);
    },
  );

  it('goes back past the point of no return where nothing was switched off', async () => {
    world.tell(['Switch off', { ...base, drain }], ['Stop database']);

    const state = await world.takeUp('roll-back');

    expect(state).toMatchObject({ drain, failure: { Error: 'RunAborted' } });
    expect(state).not.toHaveProperty('off');
  });

  it('names a run that failed without closing, which nobody stopped', async () => {
    world.executionIs({ status: 'FAILED', error: 'States.Runtime', cause: 'too long' });
    world.tell(['Verify restore']);

    expect((await world.takeUp('roll-back')).failure).toEqual({
      Error: 'RunNotClosed',
      Cause:
        'the execution failed without closing the run (States.Runtime: too long) in "Verify restore", and was cleaned up afterwards',
    });
  });

  it('names a run that ran out of time', async () => {
    world.executionIs({ status: 'TIMED_OUT', name: execution.name });
    world.tell(['Announce: wait']);

    expect((await world.takeUp('close')).failure).toEqual({
      Error: 'RunTimedOut',
      Cause: 'the execution ran out of time in "Announce: wait", and was cleaned up afterwards',
    });
  });
});
