import { describe, expect, it } from 'vitest';
import { StepName } from '../../../functions/contract/steps.ts';
import type { TimelineStep } from '../../../functions/contract/timeline.ts';
import { englishLabels } from '../../../functions/report/html/labels-en.ts';
import { renderTimeline } from '../../../functions/report/html/timeline.ts';
import { renderVolumes } from '../../../functions/report/html/volumes.ts';

const step = (name: StepName, startedAt: string, endedAt?: string): TimelineStep => ({
  name,
  startedAt,
  ...(endedAt === undefined ? {} : { endedAt }),
  outcome: endedAt === undefined ? 'running' : 'succeeded',
  attempts: 1,
});

const A_DAY_AHEAD = [
  step(StepName.announce, '2026-11-26T14:00:00Z', '2026-11-27T14:00:00Z'),
  step(StepName.drain, '2026-11-27T14:00:00Z', '2026-11-27T14:05:00Z'),
  step(StepName.verify, '2026-11-27T14:05:00Z', '2026-11-27T14:30:00Z'),
  step(StepName.database, '2026-11-27T14:30:00Z', '2026-11-27T14:36:00Z'),
  step(StepName.report, '2026-11-27T14:36:00Z'),
];

const { markup: rendered } = renderTimeline({
  steps: A_DAY_AHEAD,
  expected: {},
  announcedAt: '2026-11-27T14:00:00Z',
  timeZone: 'Asia/Shanghai',
  language: 'en',
  labels: englishLabels,
  now: '2026-11-27T14:36:05Z',
});

describe('the timeline of a run that was announced a day ahead', () => {
  it('has a row for each of the moments, which otherwise lie one over the other', () => {
    const [whole = '', enlarged = ''] = rendered.split('<h3>');

    for (const picture of [whole, enlarged]) {
      const rows = picture.match(/<div class="axis moments">(.*?)<\/div>/g) ?? [];
      expect(rows).toHaveLength(2);
      for (const row of rows) expect(row.match(/<span/g)).toHaveLength(1);
    }
  });

  it('says of the step that writes the report that it did, not that it goes on', () => {
    expect(rendered).toContain('wrote this report');
    expect(rendered).not.toContain('under way');
  });
});

describe('the volumes of a run', () => {
  it('stand under one heading each', () => {
    const volume = 'vol-0a1b2c3d4e5f60718';
    const html = renderVolumes(
      {
        files: {
          backup: 'verify',
          begun: true,
          confirmed: true,
          snapshots: [],
          notCovered: [
            {
              object: `volume ${volume} (/dev/xvda of web-1)`,
              reason: 'in the snapshot, but not compared: boot volume',
              inSnapshot: volume,
            },
            {
              object: 'volume vol-0ffffffffffffffff (/dev/sdg of web-1)',
              reason: 'left out by files.excludeVolumes',
            },
          ],
          verification: {
            equal: true,
            contents: false,
            compared: [],
            differences: [],
            notCompared: [{ object: `volume ${volume} of web-1`, reason: 'boot volume' }],
          },
        },
      } as never,
      englishLabels,
    );

    expect(html.markup.match(new RegExp(volume, 'g'))).toHaveLength(1);
    expect(html.markup).toContain('vol-0ffffffffffffffff');
  });
});
