import { describe, expect, it } from 'vitest';
import { ErrorName } from '../../functions/contract/errors.ts';
import { english } from '../../functions/notices/texts-en.ts';
import { englishLabels as report } from '../../functions/report/html/labels-en.ts';
import { KINDS, LONG_FACTS } from '../functions/notices/every-notice.ts';
import { anchorOf, pageOf } from '../support/page.ts';
import { synthesiseSystem } from '../support/synthesis.ts';

const page = pageOf('docs/operations.md');
const rows = page.text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));
const articles = page.headings.filter(({ level }) => level > 1).map(({ title }) => title);

const { template, of } = synthesiseSystem();
const alarms = of('AWS::CloudWatch::Alarm').map(({ AlarmDescription }) => {
  const [, name = ''] = /See docs\/operations\.md, "(.*)"\.$/.exec(String(AlarmDescription)) ?? [];
  return name;
});

describe('docs/operations.md', () => {
  it('knows every alarm of the stack', () => {
    expect(alarms.length).toBeGreaterThan(6);
    expect(rows.flatMap(([told = '']) => /^alarm `(.*)`$/.exec(told)?.[1] ?? []).sort()).toEqual(
      alarms.toSorted(),
    );
  });

  it.each(alarms)('has an article on the alarm %s: what it means, then numbered steps', (name) => {
    const article = page.article(name).trim();

    expect(article).toMatch(/^[A-Z]/);
    expect(article).toMatch(/^1\. /m);
  });

  it.each(KINDS)('has a line for the mail %s, by the words of its subject', (kind) => {
    const { subject } = english[kind](LONG_FACTS);
    const words = rows.flatMap(([told = '']) =>
      [...told.matchAll(/"(.*?)"/g)].map(([, quoted = '']) => quoted),
    );

    expect(words.filter((quoted) => subject.includes(quoted))).not.toEqual([]);
  });

  it('quotes the headline of every report that asks for a person', () => {
    const well = ['off', 'off-unverified', 'planned', 'proved', 'already-off'];
    const headlines = Object.entries(report.verdict).flatMap(([verdict, { headline }]) =>
      well.includes(verdict) ? [] : [headline],
    );

    expect(headlines.length).toBeGreaterThan(8);
    expect(
      headlines.filter((headline) => !page.text.replaceAll(/\s+/g, ' ').includes(`"${headline}"`)),
    ).toEqual([]);
  });

  it('has a line for every error that a run may end with', () => {
    const named = rows.flatMap(([told = '']) => [...told.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));

    expect(Object.values(ErrorName).filter((name) => !named.includes(name))).toEqual([]);
  });

  it('links to articles that there are', () => {
    const linked = [...page.text.matchAll(/\]\(#(.*?)\)/g)].map(([, anchor = '']) => anchor);

    expect(linked.length).toBeGreaterThan(30);
    expect(linked.filter((anchor) => !articles.map(anchorOf).includes(anchor))).toEqual([]);
  });

  it('asks for outputs and queues that the stack has', () => {
    const asked = [...page.text.matchAll(/\$\(output (\w+)\)/g)].map(([, name = '']) => name);

    expect(Object.keys(template.Outputs ?? {})).toEqual(expect.arrayContaining(asked));
    for (const queue of ['MissedStarts', 'Unheard'])
      expect(
        Object.entries(template.Resources).filter(
          ([name, { Type }]) => Type === 'AWS::SQS::Queue' && name.includes(queue),
        ),
      ).toHaveLength(1);
  });
});
