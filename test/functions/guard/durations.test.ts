import { beforeEach, describe, expect, it } from 'vitest';
import { StepName } from '../../../functions/contract/steps.ts';
import { expectedDurations, expectedProof, recordDurations } from '../../../functions/guard/durations.ts';
import { Bucket } from '../fixtures.ts';

let bucket: Bucket;

beforeEach(() => {
  bucket = new Bucket();
});

const finished = (runId: string, snapshot: number) => ({
  runId,
  endedAt: '2026-11-27T15:00:00.000Z',
  seconds: { [StepName.snapshot]: snapshot },
});

describe('what a run is expected to take', () => {
  it('comes from the defaults before there was any run, the longer of parallel steps counting', async () => {
    const { totalSeconds, steps } = await expectedDurations('crm', 'full');

    expect(steps[StepName.snapshot]).toBe(480);
    expect(steps[StepName.manifest]).toBe(60);
    expect(totalSeconds).toBe(300 + 60 + 480 + 900 + 120 + 300 + 10 + 5 + 360 + 10);
  });

  it('adds up the steps of a run that only proves a backup, one after the other', async () => {
    const { totalSeconds, steps } = await expectedProof('crm');

    expect(Object.keys(steps)).not.toContain(StepName.database);
    expect(totalSeconds).toBe(60 + 480 + 900 + 120 + 300 + 10);
  });

  it('leaves out the proof of a run without verification', async () => {
    const { totalSeconds, steps } = await expectedDurations('crm', 'none');

    expect(steps).not.toHaveProperty(StepName.restore);
    expect(totalSeconds).toBe(300 + 60 + 480 + 10 + 360 + 10);
  });

  it.each([
    [[100, 900, 200], 200],
    [[100, 200, 300, 900], 250],
    [[150], 150],
  ])('is the median of the runs %j', async (runs, median) => {
    for (const [index, seconds] of runs.entries())
      await recordDurations('crm', finished(`run-${index}`, seconds));

    expect((await expectedDurations('crm', 'full')).steps[StepName.snapshot]).toBe(median);
  });
});

describe('recording a run', () => {
  it('counts the same run once, by its last report', async () => {
    await recordDurations('crm', finished('run-1', 100));
    await recordDurations('crm', finished('run-1', 120));

    expect(bucket.read('durations/crm')).toEqual({ runs: [finished('run-1', 120)] });
  });

  it('forgets the oldest of more than twelve', async () => {
    for (let index = 0; index < 14; index += 1) await recordDurations('crm', finished(`run-${index}`, index));

    const { runs } = bucket.read('durations/crm') as { runs: { runId: string }[] };
    expect(runs.map((run) => run.runId)).toEqual(
      Array.from({ length: 12 }, (_, index) => `run-${index + 2}`),
    );
  });
});
