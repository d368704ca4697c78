import { expect, test } from 'vitest';
import type { Rehearsal } from '../../../sandbox/rehearsal/run.ts';
import type { Recording } from '../../../sandbox/sweep/case.ts';
import { cuts, judgeCut } from '../../../sandbox/sweep/cuts.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

const stage = standing();
const { out } = stage;

test('the same seed cuts the same runs off, at calls that there are, in all ways', () => {
  const call = { service: 's3', operation: 'GetObject' };
  const recording: Recording = {
    calls: [
      { function: 'operator', ...call },
      ...Array.from({ length: 9 }, () => ({ function: 'plan', ...call })),
    ],
    invocations: [],
    connections: [],
    states: [],
    tasks: [],
  };

  const cases = cuts(recording, 200, 1);

  expect(cuts(recording, 200, 1)).toEqual(cases);
  expect(cuts(recording, 200, 2)).not.toEqual(cases);
  const faults = cases.flatMap((each) => parseFaults(JSON.stringify(each.faults)));
  const all = (key: string) =>
    [...new Set(faults.map((fault) => (fault as Record<string, unknown>)[key]))].sort();
  expect(all('call')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(all('when')).toEqual(['after', 'before']);
  expect(all('status')).toEqual(['ABORTED', 'TIMED_OUT']);
  expect(all('event')).toEqual(['lost', 'told']);
});

/** In the middle of the backup, with nobody told of it: only the hourly watch can find out. */
const CALL = 120;

test('a run that is cut off is cleaned up after and the next one shuts the system down; a lie about it is found out', {
  timeout: 120_000,
}, async () => {
  const fault = { world: 'everything-stops', call: CALL, status: 'TIMED_OUT', event: 'lost' };
  const found = await stage.world.run(
    {
      out,
      faults: parseFaults(JSON.stringify([fault])),
      input: {},
      after: [{ hours: 6 }, { run: {} }],
    },
    async (rehearsal, sandbox) => {
      const look = async (change: (copy: Rehearsal) => void): Promise<string> => {
        const copy = { ...rehearsal, aftermath: structuredClone(rehearsal.aftermath) };
        change(copy);
        return (await judgeCut(copy, sandbox, out)).join('; ');
      };
      const [hours, again] = [0, 1];
      const truth = await look(() => undefined);
      const mails = sandbox.mailbox.mails.splice(0);
      const untold = await look(() => undefined);
      sandbox.mailbox.mails.push(...mails);
      return {
        truth,
        untold,
        unused: sandbox.injector.unused(),
        status: rehearsal.execution.status,
        left: await look(({ aftermath }) => {
          aftermath[hours]?.resources.testInstances.push('lights-out-crm-x');
          aftermath[hours]?.resources.locks.push('crm');
        }),
        half: await look(({ aftermath }) => {
          if (aftermath[hours] !== undefined) aftermath[hours].resources.database = 'stopped';
        }),
        refused: await look(({ aftermath }) => {
          if (aftermath[again]?.run !== undefined)
            Object.assign(aftermath[again].run, {
              status: 'FAILED',
              error: 'PlanRejected',
              cause: 'expected',
            });
        }),
      };
    },
  );

  expect(found).toEqual({
    truth: '',
    unused: [],
    status: 'TIMED_OUT',
    untold: expect.stringContaining('truth: an operator was not told how the run ended'),
    left: '2: left behind hours later: test instance lights-out-crm-x, lock crm',
    half: expect.stringMatching(
      /^3: neither fully on nor fully off, and an operator was not told so.*1: the database is off, but the run that was cut off has no verified snapshot$/,
    ),
    refused: 'the next run ended as FAILED (PlanRejected: expected), though everything was on',
  });
});
