import { describe, expect, it } from 'vitest';
import { summarise } from '../../cli/summary.ts';
import { type CommandName, USAGES } from '../../cli/usage.ts';
import { SystemConfig, type SystemConfigInput } from '../../functions/contract/config.ts';
import { STARTUP_STEPS } from '../../functions/contract/startup-steps.ts';
import { english } from '../../functions/notices/texts-en.ts';
import { confirmationInWords } from '../../functions/report/startup/words.ts';
import { systems } from '../../systems.ts';
import { LONG_FACTS } from '../functions/notices/every-notice.ts';
import { FACTS } from '../functions/notices/facts.ts';
import { pageOf } from '../support/page.ts';
import { settled } from '../support/printed-run.ts';
import { rehearseScenario } from '../support/rehearsals.ts';
import { typedCommands, unknownOperations } from '../support/typed-commands.ts';

const page = pageOf('docs/first-monday.md');
const commands = page.blocks('sh').flatMap(typedCommands);
const answers = page.blocks('');
const lightsOut = commands.flatMap((words) =>
  words.slice(0, 5).join(' ').startsWith('npm run -s lights-out --') ? [words.slice(5)] : [],
);
const answerWith = (words: string): string => {
  const found = answers.filter((answer) => answer.includes(words));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

describe('docs/first-monday.md', () => {
  it('types commands that there are, with their options', () => {
    expect(lightsOut).toHaveLength(3);
    for (const [command = '', ...options] of lightsOut) {
      expect(Object.keys(USAGES)).toContain(command);
      for (const option of options.filter((word) => word.startsWith('--')))
        expect(USAGES[command as CommandName]).toContain(` ${option} `);
    }
    expect(unknownOperations(commands)).toEqual([]);
  });

  it('shows health checks as a configuration takes them', () => {
    const [block = ''] = page.blocks('ts');
    const { startup } = new Function(`return {${block}}`)() as Pick<SystemConfigInput, 'startup'>;

    expect(SystemConfig.parse({ ...systems[0], startup }).startup.health.map(({ name }) => name)).toEqual([
      'sign-in',
      'jobs',
    ]);
  });

  it('tells the order of the steps as the catalogue has it', () => {
    const order = [
      'the database',
      'data, compared',
      'the servers',
      'the services',
      'health checks',
      'maintenance page',
    ];
    const text = page.text.slice(page.text.indexOf('It goes in this order')).replaceAll(/\s+/g, ' ');
    const places = order.map((words) => text.indexOf(words));

    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(Object.keys(STARTUP_STEPS).slice(0, 7)).toEqual([
      'planStartup',
      'startDatabase',
      'confirmData',
      'startServers',
      'startServices',
      'checkHealth',
      'open',
    ]);
  });

  it('shows what a changed row looks like, and opens by the reason that it names', {
    timeout: 300_000,
  }, async () => {
    expect(lightsOut).toContainEqual([
      'rehearse',
      '--action',
      'cycle',
      '--out',
      'out/changed',
      '--faults',
      '[{"world":"changed-while-off"}]',
    ]);
    const [, , accept = []] = lightsOut;
    const reason = accept[accept.indexOf('--accept-differences') + 1] ?? '';

    const { aftermath, ...cycle } = await rehearseScenario({
      rows: 100_000,
      action: 'cycle',
      faults: [{ world: 'changed-while-off' }],
      after: [{ startup: { acceptDifferences: reason } }],
    });

    expect(settled(summarise(cycle, 'out/changed'))).toEqual(settled(answerWith('Not open: a person')));
    expect(reason).toBe('migration of Saturday');
    expect(aftermath[0]?.run?.outcome).toBe('succeeded');
  });

  it('shows the operators’ mail of Monday as it is mailed, and the subjects of the four that end a start-up', () => {
    const at = '2026-11-30T00:00:00.000Z';
    const confirmation = confirmationInWords(
      {
        confirmation: {
          outcome: 'equal',
          equal: true,
          tables: 5,
          rows: 100_000,
          key: 'confirmation.json',
          since: at,
        },
      },
      'en',
    );
    const facts = {
      ...FACTS,
      openedAt: at,
      backAt: at,
      confirmation: { en: confirmation ?? '', 'zh-CN': '' },
    };
    const { subject, paragraphs, facts: told } = english['started-up'](facts);

    expect(answerWith('Subject: Sunrise CRM is on').trim().split('\n').filter(Boolean)).toEqual([
      `Subject: ${subject}`,
      ...paragraphs,
      ...told.slice(0, 3).map(({ label, value }) => `${label}: ${value}`),
    ]);
    for (const kind of ['started-up', 'already-on', 'partly-on', 'startup-not-begun'] as const)
      expect(page.text).toContain(`| ${english[kind]({ ...LONG_FACTS, error: '…' }).subject} |`);
    expect(page.text).toContain(`"${english.back(LONG_FACTS).subject}"`);
  });

  it('is wrapped at 100 columns', () => {
    expect(page.tooWide).toEqual([]);
  });
});
