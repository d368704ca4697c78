import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sample } from '../../../sandbox/sweep/cases.ts';
import { recordSequel, runSequel, sequelCases } from '../../../sandbox/sweep/sequel-run.ts';
import { SEQUEL_SYSTEM, SEQUELS } from '../../../sandbox/sweep/sequels.ts';
import { standing } from './standing.ts';

/** The whole is `npm run sweep -- --watch`: this is a part of it, the same at each run. */
const OF_EACH = 2;
const SEED = 20_261_127;

const stage = standing(SEQUEL_SYSTEM);
const { out } = stage;

describe('what comes after a shutdown, with a fault of the functions that watch', {
  timeout: 240_000,
}, () => {
  it.each(SEQUELS.map((sequel) => [sequel.name, sequel] as const))('%s', async (name, sequel) => {
    // Without faults it does what it should, or this throws.
    const recording = await recordSequel(stage.world, join(out, 'recording'), sequel);
    const cases = sequelCases(sequel, recording);
    expect(cases.length).toBeGreaterThan(200);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    expect(cases.every(({ id }) => id.startsWith(`${name}: `))).toBe(true);

    const wrong: Record<string, string[]> = {};
    for (const each of sample(cases, OF_EACH, SEED)) {
      const broken = await runSequel(stage.world, join(out, 'run'), each, ({ broken: found }) => found);
      if (broken.length > 0) wrong[each.id] = broken;
    }
    expect(wrong).toEqual({});
  });

  it('a system that is left on, something that is left behind and an alarm are found out', async () => {
    // Nothing that watches ever answers.
    const deaf = ['watch', 'tidy'].map((invocation) => ({ invocation, kind: 'throttle', times: 100_000 }));
    const look = async (name: string): Promise<string> => {
      const each = { id: name, faults: deaf, sequel: { name, mends: false } };
      return await runSequel(stage.world, join(out, 'run'), each, ({ broken }) => broken.join('\n'));
    };

    const started = await look('started by hand');
    expect(started).toContain('3: the database is "available", expected "stopped"');
    expect(started).toContain('3: web-1 is "running", expected "stopped"');
    expect(started).toContain('alarm: a fault that passes raised one');
    expect(await look('left behind')).toMatch(/2: instance lights-out-kept-.* was not deleted/);
  });
});
