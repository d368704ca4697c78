import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AfterStep } from '../../../sandbox/rehearsal/aftermath.ts';
import { brokenInvariants } from '../../../sandbox/rehearsal/invariants.ts';
import { recordRun } from '../../../sandbox/rehearsal/run-record.ts';
import { judge } from '../../../sandbox/sweep/judge.ts';
import { abortBroken } from '../../../sandbox/sweep/judge-abort.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --aborts`: this is a part of it, and what comes after a stop. */
const stage = standing();
const { out: root } = stage;
let runs = 0;

const stopped = (at: string) => ({ world: 'operator-aborts', at });
const stoppedInTheCallOf = (at: string) => ({ ...stopped(at), called: true });
const cleanUpStopped = (at: string) => ({ world: 'operator-aborts', at, of: 'clean-up' });

/** A run with these faults, and how everything stands in the end: after `after`, when something is to come after it. */
async function happens(faults: object[], after: AfterStep[] = []) {
  runs += 1;
  const out = join(root, `run-${runs}`);
  return stage.world.run(
    { out, faults: parseFaults(JSON.stringify(faults)), input: {}, after },
    async (rehearsal, sandbox) => {
      const { executions, mailbox, injector } = sandbox;
      const record = await recordRun(sandbox, rehearsal.execution, out, 'crm');
      const ended = { ...rehearsal, record, broken: await brokenInvariants(record, sandbox, out, 'full') };
      const broken = await judge(ended, sandbox, { id: 'test', faults }, { out, canary: stage.world.canary });
      const own = [...executions.all.values()];
      return {
        broken,
        unused: injector.unused(),
        outcome: record.outcome,
        resources: record.resources,
        cleaners: own.filter(({ machine }) => machine.name.endsWith('-CleanUp')).map(({ status }) => status),
        others: own
          .filter(({ machine }) => machine === rehearsal.execution.machine)
          .slice(1)
          .map(({ status, error, cause }) => ({ status, error, cause })),
        mails: mailbox.mails
          .filter(({ kind, runId }) => runId === record.runId && !['announcement', 'reminder'].includes(kind))
          .map(({ kind }) => kind),
      };
    },
  );
}

describe('an operator stops the execution', () => {
  it.each([
    ['Plan', 'failed'],
    ['Announce: wait', 'failed'],
    ['Drain sessions', 'rolled-back'],
    ['Verify restore', 'rolled-back'],
    ['Switch off', 'rolled-back'],
    ['Stop servers: wait', 'succeeded'],
    ['Close the run', 'succeeded'],
    ['Run succeeded', 'succeeded'],
  ])(
    'in "%s": the run %s, and everything that tells of it says the same',
    { timeout: 60_000 },
    async (at, outcome) => {
      const seen = await happens([stopped(at)]);

      expect(seen).toMatchObject({ broken: [], unused: [], outcome });
    },
  );

  it.each([
    // The lock is taken after the stop.
    ['Plan: accept', 'failed'],
    // A test instance comes to be after the stop.
    ['Restore test instance', 'rolled-back'],
    // The database goes off after the stop.
    ['Stop database', 'partly-off'],
    ['Close the run', 'succeeded'],
  ])(
    'while the function of "%s" is at work, which goes on: the run %s',
    { timeout: 60_000 },
    async (at, outcome) => {
      const seen = await happens([stoppedInTheCallOf(at)]);

      expect(seen).toMatchObject({ broken: [], unused: [], outcome });
    },
  );

  it('and starts a new run at once, which is refused until the first one is cleaned up after', {
    timeout: 60_000,
  }, async () => {
    const seen = await happens([
      stopped('Take snapshot'),
      { world: 'second-run', at: 'Take snapshot' },
      { world: 'second-run', at: 'Roll back', of: 'clean-up' },
    ]);

    expect(seen).toMatchObject({ broken: [], unused: [], outcome: 'rolled-back' });
    expect(seen.others.map(({ error }) => error)).toEqual(['RunInProgress', 'RunInProgress']);
    expect(seen.others[0]?.cause).toContain('ended without closing');
    expect(seen.others[1]?.cause).toContain('is being cleaned up after');
  });

  it('before it held the lock, and starts a new run at once, which shuts the system down', {
    timeout: 60_000,
  }, async () => {
    const seen = await happens([stopped('Plan'), { world: 'second-run', at: 'Plan' }]);

    expect(seen.others).toEqual([{ status: 'SUCCEEDED', error: undefined, cause: undefined }]);
    expect(seen).toMatchObject({ outcome: 'failed', mails: ['not-begun'] });
    expect(seen.resources).toMatchObject({ database: 'stopped', locks: [], maintenance: true });
  });
});

it('is found out when what tells of a stopped run lies', { timeout: 60_000 }, async () => {
  const out = join(root, 'lies');
  const faults = parseFaults(JSON.stringify([stopped('Verify restore')]));
  const lies = await stage.world.run({ out, faults, input: {} }, async (rehearsal, sandbox) => {
    const { record } = rehearsal;
    const by = [...sandbox.executions.all.keys()].find((arn) => arn.includes('-CleanUp:')) ?? '';
    const cleanedUp = { Error: 'RunAborted', Cause: rehearsal.execution.cause ?? '', by };
    const failure = { Error: 'RunAborted' };
    const look = (certificate: object, outcome = record.outcome) =>
      abortBroken({ ...rehearsal, record: { ...record, outcome } }, sandbox, {
        cleanedUp,
        failure,
        ...certificate,
      }).join();
    const truth = look({});
    const lied = [
      look({ cleanedUp: undefined }),
      look({ cleanedUp: { ...cleanedUp, Error: 'RunTimedOut' } }),
      look({ cleanedUp: { ...cleanedUp, by: rehearsal.execution.arn } }),
      look({ cleanedUp: { ...cleanedUp, Cause: 'somehow' } }),
      look({ failure: undefined }),
      look({}, 'succeeded'),
      look({}, 'partly-off'),
      look({}, 'refused'),
    ];
    const mails = sandbox.mailbox.mails.splice(0);
    const untold = look({});
    sandbox.mailbox.mails.push(...mails);
    return { truth, lied, untold };
  });

  expect(lies.truth).toBe('');
  expect(lies.lied).toEqual([
    expect.stringContaining('does not say that the execution was stopped'),
    expect.stringContaining('says RunTimedOut'),
    expect.stringContaining('is ABORTED'),
    expect.stringContaining('does not quote'),
    expect.stringContaining('its failure undefined'),
    expect.stringContaining('not everything is off'),
    expect.stringContaining('before the point of no return'),
    expect.stringContaining('the outcome is "refused"'),
  ]);
  expect(lies.untold).toContain('an operator was not told');
});

describe('CleanUp is stopped itself', () => {
  it.each([
    'Look at the run',
    'Take up the run',
    'Roll back: start services',
    'Roll back: end maintenance mode',
    'Close the run',
    'Release the lock',
  ])('in "%s": the hour takes it up, and people are told once', { timeout: 60_000 }, async (at) => {
    const seen = await happens([stopped('Verify restore'), cleanUpStopped(at)], [{ hours: 2 }]);

    expect(seen.cleaners).toEqual(['ABORTED', 'SUCCEEDED']);
    expect(seen).toMatchObject({ broken: [], unused: [], outcome: 'rolled-back' });
    expect(seen.mails.filter((kind) => kind === 'rolled-back')).toHaveLength(1);
  });

  it('after a run that held no lock, and the hour takes it up', { timeout: 60_000 }, async () => {
    const seen = await happens([stopped('Plan'), cleanUpStopped('Take up the run')], [{ hours: 2 }]);

    expect(seen.cleaners).toEqual(['ABORTED', 'SUCCEEDED']);
    expect(seen).toMatchObject({ broken: [], unused: [], outcome: 'failed', mails: ['not-begun'] });
  });

  it('again, and the next hour takes it up', { timeout: 60_000 }, async () => {
    const seen = await happens(
      [stopped('Verify restore'), cleanUpStopped('Take up the run'), cleanUpStopped('Close the run')],
      [{ hours: 3 }],
    );

    expect(seen.cleaners).toEqual(['ABORTED', 'ABORTED', 'SUCCEEDED']);
    expect(seen).toMatchObject({ broken: [], unused: [], outcome: 'rolled-back' });
  });
});
