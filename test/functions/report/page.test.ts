import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it, vi } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { hasBrowser, layOut } from '../../support/narrow-page.ts';
import { standStill } from '../fixtures.ts';
import { textOf } from './markup.ts';
import { longNotice, pageRuns, type RunFixture, succeeded, withFiles } from './page-runs.ts';
import { World } from './world.ts';

vi.mock('../../../functions/contract/pause.ts', () => ({ pause: vi.fn() }));

standStill();

async function closed(run: RunFixture, language: 'en' | 'zh-CN' = 'en'): Promise<World> {
  const config = { ...run.config, notices: { ...run.config.notices, languages: [language] } };
  const world = new World({ ...run, config, state: { ...run.state, config } });
  world.ec2.on(DescribeVolumesCommand).resolves({ Volumes: [] });
  await world.close();
  return world;
}

describe('the page of a run', () => {
  it('says of which day the enlarged picture’s times are', async () => {
    expect(textOf((await closed(longNotice())).report)).toMatch(/enlarged: \w+day, 2026-11-28 22:00/);
  });

  it.each(pageRuns)('shows no step as under way for ever: %s', async (_name, run) => {
    expect(textOf((await closed(run())).report)).not.toMatch(/under way/);
  });

  it.each(pageRuns)('tells every time by the system’s clock: %s', async (_name, run) => {
    const text = textOf((await closed(run())).report);

    expect(text.match(/\d{4}-\d\d-\d\dT\d\d:\d\d[^ ]*/g)).toBeNull();
  });

  it('names a volume that is in the snapshots, and not compared, once', async () => {
    const text = textOf((await closed(withFiles(succeeded()))).report);
    const [, notCompared = '', notCovered = ''] = /Not compared(.*?)Not covered(.*?)Plan /.exec(text) ?? [];

    expect(notCompared).toContain('volume vol-0aaaaaaaaaaaaaaa1 of web-1: boot volume');
    expect(notCompared.match(/vol-0aaaaaaaaaaaaaaa1/g)).toHaveLength(1);
    expect(notCovered).toContain('vol-0eeeeeeeeeeeeeee1');
    expect(notCovered).not.toContain('vol-0aaaaaaaaaaaaaaa1');
  });

  it('names it by the plan’s words where nothing was compared', async () => {
    const text = textOf((await closed(withFiles(succeeded(), false))).report);

    expect(text).toMatch(
      /Not compared volume vol-0aaaaaaaaaaaaaaa1 \(\/dev\/xvda of web-1\): in the snapshot/,
    );
    expect(text.match(/vol-0aaaaaaaaaaaaaaa1/g)).toHaveLength(1);
  });

  it('calls a backup of an earlier run so', async () => {
    const run = pageRuns.find(([name]) => name === 'already off')?.[1];
    const text = textOf((await closed(run?.() ?? succeeded())).report);

    expect(text).toContain('Backup of the earlier run Verified');
    expect(text).not.toContain('Backup of this run');
  });

  it('says which Lights Out and which configuration it is of, as the certificate does', async () => {
    const run = succeeded();
    const configuration = '3f9a1c07b2de';
    const state = { ...run.state, run: { ...run.state.run, configuration } };
    const world = await closed({ ...run, state } as RunFixture);

    expect(world.certificate).toMatchObject({ version: packageJson.version, run: { configuration } });
    const text = textOf(world.report);
    expect(text).toContain(`Configuration, version ${configuration}`);
    expect(text).toContain(`Lights Out, version ${packageJson.version}`);
  });
});

const name = hasBrowser
  ? 'fits, and no label lies over another'
  : 'LEFT OUT, for want of a browser (Debian: chromium): the page at 360, 900 and 1200 px';

describe.skipIf(!hasBrowser).each([360, 900, 1200])('the page on a screen of %s px', (width) => {
  it(name, { timeout: 120_000 }, async () => {
    const pages: { name: string; html: string }[] = [];
    for (const language of ['en', 'zh-CN'] as const)
      for (const [run, make] of pageRuns)
        pages.push({ name: `${run} in ${language}`, html: (await closed(make(), language)).report });
    vi.useRealTimers();

    const layouts = layOut(
      pages.map(({ html }) => html),
      width,
    );
    expect(layouts).toHaveLength(pages.length);
    layouts.forEach((layout, index) => {
      const page = pages[index]?.name;
      expect(layout.width, `width of ${page}`).toBeLessThanOrEqual(width);
      const { overlaps, cut } = layout;
      expect({ page, overlaps, cut }).toEqual({ page, overlaps: [], cut: [] });
    });
  });
});
