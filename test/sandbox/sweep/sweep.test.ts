import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pairs, sample, singleFaults } from '../../../sandbox/sweep/cases.ts';
import { judge } from '../../../sandbox/sweep/judge.ts';
import { record } from '../../../sandbox/sweep/record.ts';
import { RATE_LIMIT } from '../../../sandbox/sweep/world-cases.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep`: this is a part of it, the same at each run. */
const SINGLES = 18;
const PAIRS = 6;
const SEED = 20_261_127;

const stage = standing();
const { out } = stage;

test('whatever single fault or pair of a sample happens, the invariants hold and the run tells the truth', {
  timeout: 300_000,
}, async () => {
  const recording = await record(stage.world, join(out, 'recording'));
  const singles = singleFaults(recording);
  expect(singles.length).toBeGreaterThan(1_500);
  expect(new Set(singles.map(({ id }) => id)).size).toBe(singles.length);

  const wrong: Record<string, string[]> = {};
  for (const each of [...sample(singles, SINGLES, SEED), ...pairs(singles, PAIRS, SEED)]) {
    const faults = parseFaults(JSON.stringify(each.faults));
    const broken = await stage.world.run({ out: join(out, 'run'), faults, input: {} }, (rehearsal, sandbox) =>
      judge(rehearsal, sandbox, each, { out: join(out, 'run'), canary: stage.world.canary }),
    );
    if (broken.length > 0) wrong[each.id] = broken;
  }
  expect(wrong).toEqual({});
});

test('a run that lies is found out', { timeout: 60_000 }, async () => {
  const nothing = { id: 'no fault', faults: [] };
  const found = await stage.world.run(
    { out: join(out, 'lie'), faults: [], input: {} },
    async (rehearsal, sandbox) => {
      const { record: told, execution } = rehearsal;
      const look = (changed: Partial<typeof rehearsal>) =>
        judge({ ...rehearsal, ...changed }, sandbox, nothing, {
          out: join(out, 'lie'),
          canary: stage.world.canary,
        });
      const mails = sandbox.mailbox.mails.splice(0);
      const untold = await look({});
      sandbox.mailbox.mails.push(...mails);
      return {
        truth: await look({}),
        untold,
        failed: await look({ execution: { ...execution, status: 'FAILED' } }),
        otherOutcome: await look({ record: { ...told, outcome: 'rolled-back' } }),
        otherState: await look({
          record: { ...told, resources: { ...told.resources, database: 'available' } },
        }),
      };
    },
  );

  expect(found.truth).toEqual([]);
  expect(found.untold).toContain('truth: an operator was not told how the run ended');
  expect(found.failed).toContain('truth: the execution is FAILED, the outcome "succeeded"');
  expect(found.otherOutcome).toContain('truth: the run says rolled back, but not everything is up again');
  expect(found.otherOutcome).toContain('truth: a mail "shut-down" was sent, the outcome is "rolled-back"');
  expect(found.otherState.join()).toContain('it is "available"');
});

test('a run whose commands AWS takes only one by one succeeds, and a case that names its end is held to it', {
  timeout: 60_000,
}, async () => {
  const folder = join(out, 'limited');
  const seen = await stage.world.run(
    { out: folder, faults: parseFaults(JSON.stringify(RATE_LIMIT.faults)), input: {} },
    async (rehearsal, sandbox) => {
      const as = (each: typeof RATE_LIMIT) =>
        judge(rehearsal, sandbox, each, { out: folder, canary: stage.world.canary });
      return {
        broken: await as(RATE_LIMIT),
        otherwise: await as({ ...RATE_LIMIT, outcome: 'rolled-back' }),
        throttled: sandbox.calls.calls.filter(({ outcome }) => outcome === 'ThrottlingException'),
      };
    },
  );

  expect(seen.broken).toEqual([]);
  expect(seen.otherwise).toEqual(['the run ended as "succeeded", expected "rolled-back"']);
  expect(new Set(seen.throttled.map(({ operation }) => operation))).toEqual(new Set(['SendCommand']));
});
