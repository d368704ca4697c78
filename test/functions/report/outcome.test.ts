import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../functions/contract/state.ts';
import {
  errorOf,
  failureOf,
  isTouched,
  outcomeOf,
  type ReachedState,
} from '../../../functions/report/outcome.ts';
import { runContext } from '../fixtures.ts';
import { dryRun, notBegun, partlyOff, rolledBack, succeeded } from './runs.ts';

const failure = { Error: 'SnapshotFailed', Cause: 'why' };
const CAUGHT = { Error: 'SnapshotFailed', Cause: '{"errorMessage":"it ended as failed"}' };
const lost = { Error: 'LockLost', Cause: 'why' };
const done = { done: true };
const all = { testInstance: done, services: done, maintenance: done };
const state = (changes: object): ReachedState => ({ run: runContext(), ...changes }) as ReachedState;

describe('the outcome in doubt is the worse one', () => {
  it.each([
    ['partly-off', 'the database’s answer is missing', state({ off: { servers: done } })],
    ['partly-off', 'the servers’ answer is missing', state({ off: { database: done } })],
    [
      'partly-off',
      'the database was not seen stopped',
      state({ off: { database: { done: false }, servers: done } }),
    ],
    [
      'failed',
      'everything off, and still a failure',
      state({ off: { database: done, servers: done }, failure }),
    ],
    ['failed', 'nothing is known of the roll back', state({ failure, rollback: {} })],
    [
      'failed',
      'the roll back never got to maintenance mode',
      state({ failure, rollback: { ...all, maintenance: undefined } }),
    ],
    [
      'failed',
      'the test instance was not seen gone',
      state({ failure, rollback: { ...all, testInstance: { done: false } } }),
    ],
    [
      'failed',
      'maintenance mode could not be ended',
      state({ failure, rollback: { ...all, maintenance: failure } }),
    ],
    [
      'failed',
      'the lock was lost before the switching off: it is not ours to finish',
      state({ off: { database: lost, servers: done } }),
    ],
    [
      'failed',
      'the lock was lost before the roll back',
      state({ failure, rollback: { ...all, services: lost, maintenance: lost } }),
    ],
    [
      'failed',
      'a proof whose test instance was not seen gone',
      state({ run: runContext({ onlyProve: true }), sourceLook: done, testInstance: { done: false } }),
    ],
    [
      'failed',
      'a proof that never saw the source again',
      state({ run: runContext({ onlyProve: true }), testInstance: done }),
    ],
    [
      'failed',
      'a proof that failed, whose roll back did all there was to do',
      state({ run: runContext({ onlyProve: true }), failure, rollback: all }),
    ],
    [
      'proved',
      'a proof that was seen to its end',
      state({ run: runContext({ onlyProve: true }), sourceLook: done, testInstance: done }),
    ],
    ['failed', 'a dry run that found reasons', state({ run: runContext({ dryRun: true }), failure })],
    ['denied', 'nobody said yes', state({ failure: { Error: 'ApprovalDenied', Cause: '' } })],
    ['refused', 'another run holds the lock', state({ failure: { Error: 'RunInProgress', Cause: '' } })],
    ['skipped', 'a hold covers its time', state({ failure: { Error: 'Held', Cause: '' } })],
  ])('%s: %s', (outcome, _case, reached) => {
    expect(outcomeOf(reached)).toBe(outcome);
  });
});

it.each([
  ['succeeded', succeeded, true, undefined],
  ['partly-off', partlyOff, true, 'ServerDidNotStop'],
  ['rolled-back', rolledBack, true, 'VerificationMismatch'],
  ['failed', notBegun, false, 'PlanRejected'],
  ['planned', dryRun, false, undefined],
])('%s: whether it touched anything, and the failure to tell of', (outcome, run, touched, error) => {
  const reached = run().state;
  expect(outcomeOf(reached)).toBe(outcome);
  expect(isTouched(reached)).toBe(touched);
  expect(failureOf(reached)?.Error).toBe(error);
});

it.each<[string, ReachedState, Outcome, string | undefined, string?]>([
  [
    'its failure, in the words of the function',
    { failure: CAUGHT },
    'rolled-back',
    'SnapshotFailed',
    'it ended as failed',
  ],
  ['why it lost its lock', state({ off: { database: lost, servers: lost } }), 'failed', 'LockLost'],
  ['PartlyOff with the summary', partlyOff().state, 'partly-off', 'PartlyOff', 'all of it'],
  ['PartlyOff, where it was found on after all', state({}), 'failed', 'PartlyOff', 'all of it'],
  ['none, when it succeeded', succeeded().state, 'succeeded', undefined],
  ['none, when it was planned', dryRun().state, 'planned', undefined],
])('the error of an execution is %s', (_name, reached, outcome, name, cause) => {
  const error = errorOf(reached, outcome, 'all of it');
  expect(error?.Error).toBe(name);
  if (cause !== undefined) expect(error?.Cause).toBe(cause);
});
