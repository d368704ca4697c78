import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sample } from '../../../sandbox/sweep/cases.ts';
import { judge } from '../../../sandbox/sweep/judge.ts';
import { PROOF, proofCases, WRITTEN } from '../../../sandbox/sweep/proof-cases.ts';
import { record } from '../../../sandbox/sweep/record.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --prove`: this is a part of it, the same at each run. */
const CASES = 10;
const SEED = 20_261_127;

const stage = standing();
const { out } = stage;

test('whatever single fault of a sample happens to a backup of the running system, nothing is switched and the run tells the truth', {
  timeout: 300_000,
}, async () => {
  const recording = await record(stage.world, join(out, 'recording'), 'shutdown', {
    input: PROOF,
    faults: [WRITTEN],
  });
  const functions = new Set(recording.calls.map((each) => each.function));
  functions.delete('operator');
  expect([...functions].sort()).toEqual([
    'inspect',
    'manifest',
    'plan',
    'report',
    'restore',
    'snapshot',
    'verify',
  ]);
  const cases = proofCases(recording);
  expect(cases.length).toBeGreaterThan(1_000);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);

  const wrong: Record<string, string[]> = {};
  for (const each of sample(cases, CASES, SEED)) {
    const faults = parseFaults(JSON.stringify(each.faults));
    const broken = await stage.world.run(
      { out: join(out, 'run'), faults, input: PROOF },
      (rehearsal, sandbox) =>
        judge(rehearsal, sandbox, each, { out: join(out, 'run'), canary: stage.world.canary }),
    );
    if (broken.length > 0) wrong[each.id] = broken;
  }
  expect(wrong).toEqual({});
});

test('a backup of the running system that switches something, or tells a user, is found out', {
  timeout: 60_000,
}, async () => {
  const found = await stage.world.run(
    { out: join(out, 'lie'), faults: [], input: PROOF },
    async (rehearsal, sandbox) => {
      const look = (changed: Partial<typeof rehearsal>) =>
        judge(
          { ...rehearsal, ...changed },
          sandbox,
          { id: 'none', faults: [], input: PROOF },
          {
            out: join(out, 'lie'),
            canary: stage.world.canary,
          },
        );
      const { record: told } = rehearsal;
      const resources = { ...told.resources, database: 'stopped' };
      return {
        truth: await look({}),
        off: await look({ record: { ...told, resources } }),
        otherOutcome: await look({ record: { ...told, outcome: 'succeeded' } }),
      };
    },
  );

  expect(found.truth).toEqual([]);
  expect(found.off.join()).toContain('the run says proved, but something was touched');
  expect(found.otherOutcome.join()).toContain('a mail "proved" was sent, the outcome is "succeeded"');
});
