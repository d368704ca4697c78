import { describe, expect, it } from 'vitest';
import type { Language } from '../../../../functions/contract/config.ts';
import type { StartupOutcome } from '../../../../functions/contract/startup-state.ts';
import {
  type StartupCertificate,
  startupCertificate,
} from '../../../../functions/report/startup/certificate.ts';
import { startupLabelsOf } from '../../../../functions/report/startup/labels.ts';
import { renderStartup, type StartupPageFacts } from '../../../../functions/report/startup/page.ts';
import { standStill, system, systemInput } from '../../fixtures.ts';
import { startupRun } from '../../startup-world.ts';
import { markupProblems } from '../markup.ts';
import { failure, ID, OPENED, reached, succeeded } from './closing.ts';

const ACCEPTED = {
  outcome: 'accepted' as const,
  equal: false,
  tables: 4,
  rows: 900,
  key: `runs/crm/${ID}/confirmation.json`,
  since: OPENED,
  accepted: { reason: 'a <b>migration</b>', by: 'arn:anna' },
  endedAt: OPENED,
};
const HEALTH = [
  { name: 'crm', green: true, inARow: 2, looks: 2, since: OPENED, lastAnswer: 'HTTP 200' },
  { name: 'queue', green: false, inARow: 0, looks: 9, since: OPENED, lastAnswer: 'refused <it>' },
];

const certificateOf = (
  outcome: StartupOutcome,
  changes: Partial<StartupCertificate> = {},
): StartupCertificate => ({
  ...startupCertificate({
    run: startupRun({ id: ID, backAt: '2026-11-27T13:50:00.000Z' }),
    state: outcome === 'succeeded' ? succeeded() : reached({ failure }),
    outcome,
    cleanedUp: undefined,
    resources: [
      { kind: 'database', name: 'database crm-db', state: 'available' },
      { kind: 'server', name: 'server web-1', state: 'stopped' },
    ],
    steps: [
      {
        name: 'Start database',
        startedAt: '2026-11-27T13:31:00.000Z',
        endedAt: OPENED,
        outcome: 'succeeded',
      },
    ] as never,
    compared: undefined,
    health: undefined,
    problems: [],
  }),
  ...changes,
});
const page = (
  language: Language,
  certificate: StartupCertificate,
  facts: Partial<StartupPageFacts> = {},
): string =>
  renderStartup({
    certificate,
    config: system({ notices: { ...systemInput().notices, languages: [language] } }),
    history: undefined,
    shutdown: undefined,
    comparison: undefined,
    bucket: 'evidence',
    ...facts,
  });

const OUTCOMES: StartupOutcome[] = ['succeeded', 'planned', 'already-on', 'partly-on', 'refused', 'failed'];

standStill('2026-11-27T14:01:00.000Z');

describe.each(['en', 'zh-CN'] as const)('the page of a start-up in %s', (language) => {
  const own = startupLabelsOf(language);
  const other = startupLabelsOf(language === 'en' ? 'zh-CN' : 'en');

  it.each(OUTCOMES)(
    'of outcome %s is sound HTML, with its headline and none of the other language',
    (outcome) => {
      const html = page(language, certificateOf(outcome));

      expect(markupProblems(html)).toEqual([]);
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).toContain(own.headline[outcome]);
      expect(html).toContain(own.sentence[outcome]);
      for (const text of [...Object.values(other.headline), other.cycle, other.tiles.doors])
        expect(html).not.toContain(text);
      if (language === 'en')
        expect(html.replaceAll(/<style>.*?<\/style>/gs, '')).not.toMatch(/\p{Script=Han}/u);
    },
  );

  it('says that users are in, and how late the promise was', () => {
    const html = page(language, certificateOf('succeeded'));

    expect(html).toContain(own.open);
    expect(html).not.toContain(`<dd>${own.shut}</dd>`);
    expect(html).toMatch(language === 'en' ? /10 min late/ : /晚 10/);
  });

  it('says that users are kept out, what ended it, and what to do', () => {
    const html = page(language, certificateOf('partly-on'));

    expect(html).toContain(`<dd>${own.shut}</dd>`);
    expect(html).toContain('ServiceDidNotStart');
    expect(html).toContain('nginx on web-1 is &lt;failed&gt;');
    expect(html).toContain('lights-out startup --system crm');
  });

  it('names what differs, where the data do', () => {
    const certificate = certificateOf('partly-on', { failure: { Error: 'DataChanged', Cause: 'differs' } });
    const differences = [
      { object: 'crm: <t>', kind: 'rows', detail: '3 rows at the shutdown, 4 now' },
    ] as never;
    const html = page(language, certificate, {
      comparison: { equal: false, tables: 1, rows: 3, differences, notCompared: [] },
    });

    expect(html).toContain(own.differences);
    expect(html).toContain('crm: &lt;t&gt;');
    expect(html).toContain('--accept-differences');
  });

  it('names who accepted the data as they are, and why', () => {
    const { endedAt: _ended, ...confirmation } = ACCEPTED;
    const html = page(language, certificateOf('succeeded', { confirmation }));

    expect(html).toContain(own.data.accepted);
    expect(html).toContain('arn:anna');
    expect(html).toContain('a &lt;b&gt;migration&lt;/b&gt;');
    // Not a plain good end.
    expect(html).toContain('banner care');
  });

  it('shows each health check with its last answer, and none where no check is', () => {
    const html = page(language, certificateOf('partly-on', { health: HEALTH }));

    expect(html).toContain(own.health);
    expect(html).toContain(`✓ ${own.green}`);
    expect(html).toContain(`✗ ${own.red}`);
    expect(html).toContain('refused &lt;it&gt;');
    expect(page(language, certificateOf('succeeded'))).not.toContain(own.lastAnswer);
  });

  it('shows the problem of a server that did not come up', () => {
    const servers = [
      { name: 'web-1', instanceId: 'i-1', state: 'stopped', ready: false, problem: 'no <room>', tries: 9 },
    ];
    const html = page(language, certificateOf('partly-on', { servers }));

    expect(html).toContain('no &lt;room&gt;');
  });
});

it('is a good end only when the data are as they were and the promise was kept', () => {
  const early = certificateOf('succeeded', { lateSeconds: -30 });

  expect(page('en', early)).toContain('banner good');
  expect(page('en', certificateOf('succeeded', { lateSeconds: 61 }))).toContain('banner care');
  expect(page('en', certificateOf('partly-on'))).toContain('banner bad');
  expect(page('en', certificateOf('refused'))).toContain('banner care');
});
