import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { summarise } from '../../cli/summary.ts';
import { connectedPostgresEngine } from '../../engines/postgres/engine.ts';
import { SystemConfig } from '../../functions/contract/config.ts';
import { english } from '../../functions/notices/texts-en.ts';
import { schedulePreview } from '../../lib/schedule-preview.ts';
import { systems } from '../../systems.ts';
import { LONG_FACTS } from '../functions/notices/every-notice.ts';
import { FACTS } from '../functions/notices/facts.ts';
import { pageOf } from '../support/page.ts';
import { settled } from '../support/printed-run.ts';
import { rehearseScenario } from '../support/rehearsals.ts';
import { synthesiseSystem } from '../support/synthesis.ts';
import { startThrowAwayServer } from '../support/throw-away-server.ts';
import { typedCommands, unknownOperations } from '../support/typed-commands.ts';
import { expectKnown, typedPage } from '../support/typed-page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { page, lightsOut, answerWith } = typedPage('docs/first-friday.md');
const system = SystemConfig.parse(systems[0]);

describe('docs/first-friday.md', () => {
  it('types commands of lights-out that there are, with their options', () => {
    expect(lightsOut).toHaveLength(1);
    expectKnown(lightsOut);
  });

  it.each(['docs/first-friday.md', 'docs/operations.md'])('%s types operations that AWS has', (file) => {
    const typed = pageOf(file).blocks('sh').flatMap(typedCommands);

    expect(typed.filter(([program]) => program === 'aws').length).toBeGreaterThan(6);
    expect(unknownOperations(typed)).toEqual([]);
  });

  it('asks of the example system what it has', () => {
    const { template } = synthesiseSystem();

    for (const id of page.text.match(/\bi-[0-9a-f]{17}\b/g) ?? [])
      expect(system.servers.map(({ instanceId }) => instanceId)).toContain(id);
    expect(page.text).toContain(`--identities ${system.notices.from} `);
    expect(system.database.credentialsSecretArn).toContain(
      `:secret:${/--secret-id (\S+)/.exec(page.text)?.[1]}-`,
    );
    expect(Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::SNS::Topic')).toHaveLength(
      1,
    );
    for (const [, name = ''] of page.text.matchAll(/\$\(output (\w+)\)/g))
      expect(template.Outputs).toHaveProperty(name);
  });

  it('shows what synth says of the schedule', () => {
    expect(answerWith('a run begins about 90 minutes').trim()).toBe(
      schedulePreview(system, Date.parse('2026-11-27T01:48:00.000Z')),
    );
  });

  it('shows the announcement as it is mailed, and the subjects of the four mails that end a run', () => {
    const { subject, paragraphs, facts } = english.announcement({
      ...FACTS,
      at: '2026-11-27T14:00:00.000Z',
      backAt: '2026-11-29T22:00:00.000Z',
      expectedSeconds: 42 * 60,
    });

    expect(answerWith('Subject: Sunrise CRM will').trim().split('\n').filter(Boolean)).toEqual([
      `Subject: ${subject}`,
      ...paragraphs,
      ...facts.slice(0, 3).map(({ label, value }) => `${label}: ${value}`),
    ]);
    const endings = [
      english['shut-down']({ ...LONG_FACTS, tables: 5, rows: 100_000 }),
      english['rolled-back'](LONG_FACTS),
      english['not-begun']({ ...LONG_FACTS, error: '…' }),
      english['partly-off']({ ...LONG_FACTS, error: 'PartlyOff' }),
    ];
    for (const { subject: ending } of endings) expect(page.text).toContain(`| ${ending} |`);
  });

  it('quotes the plan where a privilege is missing', { timeout: 60_000 }, async () => {
    const server = await startThrowAwayServer();
    try {
      await server.database('crm', 'CREATE TABLE account (id int PRIMARY KEY)');
      await server.sql(
        "CREATE USER lights_out PASSWORD 'reads'; GRANT pg_read_all_data TO lights_out",
        'crm',
      );

      const { reasons } = await connectedPostgresEngine(
        {
          address: '127.0.0.1',
          port: server.port,
          credentials: { username: 'lights_out', password: 'reads' },
          tls: { ca: server.certificate.ca },
        },
        ['crm'],
      ).inspect({
        resource: 'database crm-db',
        user: 'lights_out',
        wanted: ['crm'],
        drain: system.drain,
      });

      expect(reasons.map(({ resource, problem, remedy }) => `${resource}: ${problem}; ${remedy}`)).toEqual([
        answerWith('GRANT').trim(),
      ]);
    } finally {
      await server.stop();
    }
  });

  it('shows what the dry run prints', { timeout: 180_000 }, () => {
    const [words = []] = lightsOut.filter((typed) => typed.some((word) => word.includes('dryRun')));
    const out = mkdtempSync(join(tmpdir(), 'lights-out-first-friday-'));
    try {
      const typed = words.map((word) => (word === 'out/plan' ? join(out, 'plan') : word));
      const printed = execFileSync(process.execPath, [join(ROOT, 'cli/lights-out.ts'), ...typed], {
        encoding: 'utf8',
        // How far it is goes to the other stream.
        stdio: ['ignore', 'pipe', 'ignore'],
      });

      expect(settled(printed)).toEqual(settled(answerWith('Planned only')).slice(-settled(printed).length));
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  it('shows what npm start prints', { timeout: 300_000 }, async () => {
    const { start } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).scripts as { start: string };
    expect(start).toBe('node cli/lights-out.ts rehearse --action cycle --out out/rehearsal');

    const { shutdown, ...cycle } = await rehearseScenario({ rows: 100_000, action: 'cycle' });

    expect({ broken: cycle.broken, first: shutdown?.broken }).toEqual({ broken: [], first: [] });
    if (shutdown === undefined) throw new Error('a cycle has two halves');
    const printed = settled(summarise(cycle, 'out/rehearsal'));
    const [headline = ''] = printed;
    const shown = settled(answerWith(headline));
    const closing = shown.indexOf(headline);
    expect(printed).toEqual(shown.slice(closing));
    const steps = [shutdown, cycle].flatMap(({ record }) =>
      record.steps.map(({ name }) => name).filter((name) => !name.startsWith('Close the ')),
    );
    expect(
      shown
        .slice(0, closing)
        .filter((line) => !line.startsWith('… '))
        .sort(),
    ).toEqual(steps.sort());
  });

  it('is wrapped at 100 columns', () => {
    expect(page.tooWide).toEqual([]);
  });
});
