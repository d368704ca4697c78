import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rehearsal } from '../../../sandbox/rehearsal/run.ts';
import { sample } from '../../../sandbox/sweep/cases.ts';
import { judgeStartup } from '../../../sandbox/sweep/judge-startup.ts';
import { record } from '../../../sandbox/sweep/record.ts';
import { startupCases } from '../../../sandbox/sweep/startup-cases.ts';
import { mendAndBringBack, PROMISED_AFTER, runStartup } from '../../../sandbox/sweep/startup-run.ts';
import { RETURNING } from '../../../sandbox/sweep/systems.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --startup`: this is a part of it, the same at each run. */
const CASES = 20;
const SEED = 20_261_130;

const stage = standing(RETURNING);
const { out } = stage;

test('whatever single fault of a sample happens to a start-up, it tells the truth and the next one brings everything back', {
  timeout: 900_000,
}, async () => {
  const recording = await record(stage.world, join(out, 'recording'), 'startup');
  // The shutdown before it is none of it.
  const functions = new Set(recording.calls.map((each) => each.function));
  expect([...functions]).toEqual(expect.arrayContaining(['wake', 'verify', 'services', 'health', 'drain']));
  expect(functions).not.toContain('snapshot');
  expect(recording.invocations.map((each) => each.function)).not.toContain('manifest');
  expect(recording.connections.map(({ on }) => on)).not.toContain('copy');
  const cases = startupCases(recording);
  expect(cases.length).toBeGreaterThan(2_000);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);

  const wrong: Record<string, string[]> = {};
  for (const each of sample(cases, CASES, SEED)) {
    const { broken } = await runStartup(stage.world, join(out, 'run'), each);
    if (broken.length > 0) wrong[each.id] = broken;
  }
  expect(wrong).toEqual({});
});

test('data that changed start no server until a person accepts them, and a start-up that lies is found out', {
  timeout: 120_000,
}, async () => {
  const each = { id: 'changed', faults: [{ world: 'changed-while-off' as const }], startup: {} };
  const folder = join(out, 'lie');
  const found = await stage.world.run(
    {
      out: folder,
      action: 'startup',
      faults: each.faults,
      input: {},
      away: PROMISED_AFTER,
      after: (ended) => mendAndBringBack(each, ended),
    },
    async (rehearsal, sandbox) => {
      const look = async (change: Partial<Rehearsal>): Promise<string> =>
        (
          await judgeStartup({ ...rehearsal, ...change }, sandbox, each, {
            out: folder,
            canary: stage.world.canary,
          })
        ).join('; ');
      const { record: told, execution } = rehearsal;
      const truth = await look({});
      const mails = sandbox.mailbox.mails.splice(0);
      const untold = await look({});
      sandbox.mailbox.mails.push(...mails.filter(({ kind }) => kind !== 'late'));
      const notLate = await look({});
      sandbox.mailbox.mails.splice(0);
      const after = new Date(Date.parse(mails.at(-1)?.at ?? '') + 1_000).toISOString();
      const again = mails.filter(({ kind }) => kind === 'late').map((mail) => ({ ...mail, at: after }));
      sandbox.mailbox.mails.push(...mails, ...again);
      const tooLate = await look({});
      sandbox.mailbox.mails.splice(0);
      sandbox.mailbox.mails.push(...mails);
      const { calls } = sandbox.calls;
      const one = calls.findLast(({ operation }) => operation === 'StartInstances');
      if (one === undefined) throw new Error('no server was started');
      calls.push({ ...one, operation: 'StopInstances' });
      const stopped = await look({});
      calls.pop();
      const at = new Date(rehearsal.askedAt).toISOString();
      calls.unshift({ ...one, at });
      const early = await look({});
      calls.shift();
      const { resources } = told;
      return {
        truth,
        untold,
        notLate,
        tooLate,
        stopped,
        early,
        outcome: told.outcome,
        error: told.error?.name,
        servers: [...new Set(Object.values(resources.servers))],
        accepted: rehearsal.aftermath.at(-1)?.run?.outcome,
        succeeded: await look({ record: { ...told, outcome: 'succeeded' } }),
        open: await look({ record: { ...told, resources: { ...resources, maintenance: false } } }),
        otherEnd: await look({ execution: { ...execution, status: 'SUCCEEDED' } as typeof execution }),
      };
    },
  );

  expect(found).toMatchObject({
    truth: '',
    outcome: 'partly-on',
    error: 'DataChanged',
    servers: ['stopped'],
    accepted: 'succeeded',
  });
  expect(found.untold).toContain('somebody was not told "partly-on"');
  expect(found.notLate).toContain('the promise did not hold, and somebody who was told it never heard that');
  expect(found.tooLate).toContain('heard 2 times that the promise will not hold');
  expect(found.tooLate).toContain('users heard "late" after "back"');
  expect(found.stopped).toContain('called StopInstances');
  expect(found.early).toContain('something was started before the system was meant to be on');
  expect(found.early).toContain('a server was started before the data were confirmed');
  expect(found.succeeded).toContain('the outcome "succeeded"');
  expect(found.open).toContain('7: the doors are open, and no health check was made');
  expect(found.otherEnd).toContain('the execution is SUCCEEDED, the outcome "partly-on"');
});
