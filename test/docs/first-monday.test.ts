import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { summarise } from '../../cli/summary.ts';
import { SystemConfig, type SystemConfigInput } from '../../functions/contract/config.ts';
import { StartupInput } from '../../functions/contract/startup-input.ts';
import { STARTUP_STEPS } from '../../functions/contract/startup-steps.ts';
import { english } from '../../functions/notices/texts-en.ts';
import { confirmationInWords } from '../../functions/report/startup/words.ts';
import { systems } from '../../systems.ts';
import { LONG_FACTS } from '../functions/notices/every-notice.ts';
import { FACTS } from '../functions/notices/facts.ts';
import { settled } from '../support/printed-run.ts';
import { rehearseScenario } from '../support/rehearsals.ts';
import { unknownOperations } from '../support/typed-commands.ts';
import { expectKnown, typedPage } from '../support/typed-page.ts';

const CLI = fileURLToPath(new URL('../../cli/lights-out.ts', import.meta.url));
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' };
const { page, commands, lightsOut, answerWith } = typedPage('docs/first-monday.md');

describe('docs/first-monday.md', () => {
  it('types commands that there are, with their options', () => {
    expect(lightsOut).toHaveLength(3);
    expectKnown(lightsOut);
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

  it('names the steps for which users wait, in the order of the catalogue', () => {
    const [, rest = ''] = page.article('Bring it back').split('It goes in this order');
    const [, table = ''] = rest.split('\n\n');
    const [, , ...rows] = table.split('\n');

    expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(
      Object.values(STARTUP_STEPS).flatMap((step) => ('outage' in step ? [step.name] : [])),
    );
  });

  it('shows what the one command answers, and what it asks for', { timeout: 60_000 }, async () => {
    // Bash drops `$API`, which is empty here.
    const [words = []] = lightsOut;
    const asked: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk) => asked.push(`${request.url} ${chunk}`));
      request.on('end', () => response.writeHead(202).end(JSON.stringify({ run: 'startup-…' })));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...words, api], {
      env: { ...process.env, AWS_REGION: 'eu-central-1', ...KEYS },
    });

    expect(stdout).toBe(answerWith('is being brought back'));
    const [path, body = '{}'] = asked.join().split(' ');
    expect(path).toBe('/systems/crm/startups');
    expect(StartupInput.parse(JSON.parse(body))).toEqual({ backAt: '2026-11-30T08:00:00+08:00' });
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

  it('shows the operators’ mail as a rehearsed weekend sends it', { timeout: 300_000 }, async () => {
    const { record, mails } = await rehearseScenario({ action: 'cycle' });

    // Of each line what is the same every weekend: neither the hour nor how many rows there are.
    const settledMail = (text: string): string =>
      text.replaceAll(/\w+, \d{4}-\d\d-\d\d \d\d:\d\d|[\d,]+ rows/g, '…');
    const [, ...shown] = answerWith('Subject: Sunrise CRM is on').trim().split('\n').filter(Boolean);
    expect(record.outcome).toBe('succeeded');
    const [mail = ''] = mails('started-up');
    for (const line of shown) expect(settledMail(mail)).toContain(settledMail(line));
  });

  it('is wrapped at 100 columns', () => {
    expect(page.tooWide).toEqual([]);
  });
});
