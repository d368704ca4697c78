import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ErrorName } from '../../../functions/contract/errors.ts';
import { composeNotice } from '../../../functions/notices/compose.ts';
import { STATES_IN_CHINESE } from '../../../functions/notices/words-zh.ts';
import { stateLabel } from '../../../functions/report/html/labels.ts';
import { labelsOf } from '../../../functions/report/html/language.ts';
import { SHAPES, synthesiseShape } from '../../shapes.ts';
import { machinesOf } from '../../support/synthesis.ts';
import { KINDS, LONG_FACTS } from '../notices/every-notice.ts';
import { markupProblems } from './markup.ts';
import { dryRun, notBegun, partlyOff, type RunFixture, rolledBack, succeeded } from './runs.ts';
import { World } from './world.ts';

/** Names of products and of things that have no Chinese name, as Chinese texts write them. */
const PROPER = new Set(
  [
    'Lights Out CRM AWS RDS EC2 EBS SQL SSM IAM SES S3 API VPC KMS CloudTrail PostgreSQL CleanUp GMT UTC POST',
    'GiB MiB KiB TiB B webhook Asia Shanghai Sunrise ARN db amcheck',
  ].flatMap((line) => line.split(' ')),
);

/** Words of a Chinese text that a reader without English cannot read. */
function englishIn(text: string): string[] {
  return [
    ...new Set(
      text
        // What is marked as the original is meant to be.
        .replaceAll(/原文：“[\s\S]*?”/g, ' ')
        // An error's name, to be looked up, stands behind its sentence.
        .replaceAll(/（错误代码 [A-Za-z.]+）/g, ' ')
        // What somebody wrote into a run's input is quoted as it is.
        .replaceAll(/输入中写的是“[^”]*”/g, ' ')
        // Commands, for the keyboard.
        .replaceAll(/(?:aws|lights-out) [a-z-]+(?: [\w:./{}"-]+)*/g, ' ')
        // ARNs, paths, addresses of objects, identifiers with a digit, a dot, a slash or a hyphen in them.
        .replaceAll(/(?:arn|s3):[^\s<"，。（）]+/g, ' ')
        .replaceAll(/[A-Za-z0-9_.:/@-]*[0-9_./@-][A-Za-z0-9_.:/@-]*/g, ' ')
        .match(/[A-Za-z]{2,}/g) ?? [],
    ),
  ].filter((word) => !PROPER.has(word));
}

const CHINESE = /[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/;

/** The words of a page without what is marked as English, without pictures' code and without what the configuration names. */
function wordsOf(html: string): string {
  return html
    .replaceAll(/<style>[^<]*<\/style>/g, ' ')
    .replaceAll(/<span lang="en">[^<]*<\/span>/g, ' ')
    .replaceAll(/<code[^>]*>[^<]*<\/code>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&[a-z#0-9]+;/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

const RESOURCES = [
  'database crm-db',
  'server web-1',
  'service crm-7 on web-1',
  'maintenance mode',
  'test instance lights-out-crm-1',
  'test volume vol-1',
  'test volumes',
  'snapshot lights-out-crm-1',
];

/** Every state there is, one of them that nobody has heard of, on every kind of resource. */
const resources = [
  ...STATES_IN_CHINESE.map((state, index) => ({ name: RESOURCES[index % RESOURCES.length] ?? '', state })),
  ...RESOURCES.map((name) => ({ name, state: 'could not be looked at (AccessDenied: no)' })),
  { name: 'database crm-db', state: 'some-new-status' },
];

describe('a notice in Chinese', () => {
  const errors = [
    ...Object.values(ErrorName),
    'States.Timeout',
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'TypeError',
  ];
  const problems = [{ en: 'The roll back met X', 'zh-CN': '回滚时出错' }, 'what a function said'];

  it.each(KINDS)('holds no English word of ours, whatever the state and the error: %s', (kind) => {
    for (const error of errors) {
      for (const tables of [undefined, 12]) {
        const { subject, text } = composeNotice(
          kind,
          { ...LONG_FACTS, error, resources, problems, ...(tables === undefined ? {} : { tables, rows: 5 }) },
          ['zh-CN'],
        );
        expect({ error, english: englishIn(`${subject}\n${text}`) }).toEqual({ error, english: [] });
      }
    }
  });

  it.each(KINDS)('stands alone where a reader asked for English: %s', (kind) => {
    const { subject, text } = composeNotice(kind, { ...LONG_FACTS, resources, problems }, ['en']);

    expect(`${subject}${text}`).not.toMatch(CHINESE);
  });

  it('shows what it has no words for as the original', () => {
    const { text } = composeNotice('partly-off', { ...LONG_FACTS, resources, error: 'TypeError' }, ['zh-CN']);

    expect(text).toContain('原文：“some-new-status”');
    expect(text).toContain('发生了意外错误（错误代码 TypeError）。原文：“service crm-mail-intake');
  });
});

/** What the fixture's database, configuration and people are called, and states of the older machine that its picture is of. */
const NAMED_BY_OTHERS =
  /Weekend shutdown|(?<=>)schedule(?=<)|nginx|crm: [^<]*|postgres(?= \d)|客户|Run not closed|Run failed|Partly off/g;

describe('a report', () => {
  const runs: Record<string, () => RunFixture> = { succeeded, partlyOff, rolledBack, notBegun, dryRun };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });

  async function reportOf(run: RunFixture, language: 'zh-CN' | 'en'): Promise<string> {
    const config = { ...run.config, notices: { ...run.config.notices, languages: [language] } };
    const world = new World({ ...run, config, state: { ...run.state, config } });
    await world.close();
    return world.report;
  }

  it.each(Object.entries(runs))(
    'of the run "%s" in Chinese holds no English word of ours',
    async (_name, run) => {
      const report = await reportOf(run(), 'zh-CN');

      expect(report).toContain('<html lang="zh-CN">');
      expect(markupProblems(report)).toEqual([]);
      expect(englishIn(wordsOf(report.replaceAll(NAMED_BY_OTHERS, ' ')))).toEqual([]);
    },
  );

  it('has Chinese words for every state of the workflow that its picture shows', () => {
    const labels = labelsOf('zh-CN');
    const names = SHAPES.slice(0, 8)
      .flatMap((shape) => machinesOf(synthesiseShape(shape).machine))
      .flatMap((machine) => Object.keys(machine.States))
      .filter(
        (name) =>
          !/: (wait|done\?|answer|failed|since|large\?|again|[a-z ?]+)$/.test(name) || name in labels.states,
      );

    expect([...new Set(names)].filter((name) => !CHINESE.test(stateLabel(labels, name)))).toEqual([]);
  });

  it.each(Object.entries(runs))('of the run "%s" in English holds no Chinese', async (_name, run) => {
    expect((await reportOf(run(), 'en')).replaceAll(NAMED_BY_OTHERS, ' ')).not.toMatch(CHINESE);
  });
});
