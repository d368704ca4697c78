import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SweepCase } from '../../../sandbox/sweep/case.ts';
import { judgeRedriven, mendAndRedrive } from '../../../sandbox/sweep/redrive.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --redrive`: these are one of each place at which a run may be redriven. */
const FOR_EVER = 100_000;
const aborted = (at: string, redriven?: number): object => ({
  world: 'operator-aborts',
  at,
  ...(redriven === undefined ? {} : { redriven }),
});
const lasting = (fault: object): object => ({ kind: 'error', times: FOR_EVER, ...fault });

const stage = standing();
const { out } = stage;

test.each<[string, object[], string]>([
  [
    'partly off: nothing is switched off',
    [{ world: 'server-will-not-stop' }],
    'partly-off, PartlyOff → partly-off',
  ],
  ['rolled back', [{ world: 'corrupt-restore' }], 'rolled-back, VerificationMismatch → rolled-back'],
  [
    'not closed: CleanUp closes it, once that is mended',
    [lasting({ service: 's3', operation: 'PutObject', function: 'report' })],
    'failed, AwsTemporarilyUnavailable → succeeded',
  ],
  ['stopped and cleaned up', [aborted('Take snapshot')], 'rolled-back, RedriveRefused → rolled-back'],
  ['stopped before anything was touched', [aborted('Announce: wait', 0)], 'failed, RedriveRefused → failed'],
  [
    'stopped and redriven at once, before CleanUp looks, and again',
    [aborted('Take snapshot', 0)],
    'rolled-back, RedriveRefused → rolled-back',
  ],
  [
    'stopped and redriven while CleanUp waits, and again',
    [aborted('Take snapshot', 60)],
    'rolled-back, RedriveRefused → rolled-back',
  ],
  ['stopped at a wait', [aborted('Drain sessions: wait', 0)], 'rolled-back, RedriveRefused → rolled-back'],
  [
    'stopped past the point of no return',
    [aborted('Stop database', 0)],
    'rolled-back, RedriveRefused → rolled-back',
  ],
  [
    'stopped while it is switched off',
    [aborted('Stop servers: wait', 60)],
    'succeeded, RedriveRefused → succeeded',
  ],
  [
    'stopped in its roll back',
    [{ world: 'corrupt-restore' }, aborted('Roll back', 0)],
    'rolled-back, RedriveRefused → rolled-back',
  ],
  ['stopped in its closing', [aborted('Close the run', 0)], 'succeeded, RedriveRefused → succeeded'],
])('a redrive of a run %s', { timeout: 120_000 }, async (_name, given, outcome) => {
  const each: SweepCase = { id: 'redrive', faults: given };
  const faults = parseFaults(JSON.stringify(given));
  const folder = join(out, 'run');

  const found = await stage.world.run(
    { out: folder, faults, input: {}, after: mendAndRedrive },
    (rehearsal, sandbox) =>
      judgeRedriven(rehearsal, sandbox, each, { out: folder, canary: stage.world.canary }),
  );

  expect(found).toEqual({ outcome, broken: [] });
});
