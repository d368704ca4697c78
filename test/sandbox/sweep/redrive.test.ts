import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunOptions } from '../../../sandbox/rehearsal/run.ts';
import type { SweepCase } from '../../../sandbox/sweep/case.ts';
import { judgeRedriven, mendAndRedrive } from '../../../sandbox/sweep/redrive.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --redrive`: these are one of each way that a redriven run may take. */
const FOR_EVER = 100_000;
const aborted = (at: string, redriven?: number): object => ({
  world: 'operator-aborts',
  at,
  ...(redriven === undefined ? {} : { redriven }),
});
const lasting = (fault: object): object => ({ kind: 'error', times: FOR_EVER, ...fault });

const stage = standing();
const { out } = stage;

const twice: RunOptions['after'] = () => [{ redrive: true }, { mend: true }, { redrive: true }];

test.each<[string, object[], string, RunOptions['after']?]>([
  ['a server would not stop: off', [{ world: 'server-will-not-stop' }], 'partly-off → succeeded'],
  [
    'redriven while it is still broken, and again when it is mended',
    [lasting({ service: 'ec2', operation: 'StopInstances', function: 'servers' })],
    'partly-off → succeeded',
    twice,
  ],
  [
    'a roll back that could not end maintenance mode: on again',
    [lasting({ service: 'ssm', operation: 'SendCommand', function: 'drain', kind: 'drop-after' })],
    'failed → rolled-back',
  ],
  [
    'a roll back that was complete: nothing is done',
    [{ world: 'corrupt-restore' }],
    'rolled-back → as before',
  ],
  [
    'a run that could not be closed',
    [lasting({ service: 's3', operation: 'PutObject', function: 'report' })],
    'failed → succeeded',
  ],
  ['stopped and cleaned up: shut out', [aborted('Take snapshot')], 'rolled-back → LockLost'],
  [
    'stopped past the point of no return, and its clean-up could start nothing: on again',
    [
      aborted('Stop database'),
      lasting({ service: 'ssm', operation: 'SendCommand', function: 'services', nth: 11 }),
    ],
    'failed → rolled-back',
  ],
  ['stopped and redriven at once: goes on', [aborted('Take snapshot', 0)], 'succeeded after a redrive'],
])('a redrive of %s', { timeout: 120_000 }, async (_name, given, outcome, after = mendAndRedrive) => {
  const each: SweepCase = { id: 'redrive', faults: given };
  const faults = parseFaults(JSON.stringify(given));
  const folder = join(out, 'run');

  const found = await stage.world.run({ out: folder, faults, input: {}, after }, (rehearsal, sandbox) =>
    judgeRedriven(rehearsal, sandbox, each, { out: folder, canary: stage.world.canary }),
  );

  expect(found).toEqual({ outcome, broken: [] });
});
