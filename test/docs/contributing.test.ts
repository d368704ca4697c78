import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const COPIED = [
  'lib',
  'functions',
  'engines',
  'systems.ts',
  'package.json',
  'test/support/catalogue-page.ts',
];

/** A block of the page: a new file, or a change of one that is there. */
interface Block {
  kind: string;
  file: string;
  lines: string[];
}

/** Lines that begin with a blank or `-` are there, in this order; those with `+` take the place of the latter. */
function applied(text: string, { file, lines }: Block): string {
  const side = (mark: string): string =>
    lines
      .filter((line) => line.startsWith(' ') || line.startsWith(mark))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const parts = text.split(side('-'));
  if (parts.length !== 2)
    throw new Error(
      `CONTRIBUTING.md: the lines to change stand ${parts.length - 1} times in ${file}, expected once`,
    );
  return parts.join(side('+'));
}

/** A copy of the product in which a section of the page was followed, for the tests of one `describe`. */
function followed(heading: string) {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const blocks: Block[] = [...own.matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', file = '', text = '']) => ({ kind, file, lines: text.split('\n').slice(0, -1) }),
  );
  const copy = mkdtempSync(join(tmpdir(), 'lights-out-contributing-'));
  beforeAll(() => {
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const block of blocks) {
      const path = join(copy, block.file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(
        path,
        block.kind === 'ts' ? `${block.lines.join('\n')}\n` : applied(readFileSync(path, 'utf8'), block),
      );
    }
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  return {
    copy,
    files: blocks.map(({ file }) => file),
    node,
    typeCheck: (...include: string[]): string => {
      const rooms = { extends: join(ROOT, 'tsconfig.json'), include };
      writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(rooms));
      return node('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.');
    },
  };
}

describe('where is what', () => {
  const rows = [...PAGE.matchAll(/^\| [^|]+\? \| `([^`]+)`(?: › `([^`]+)`)? \|$/gm)];

  it.each(rows.map(([, file = '', words]) => [file, words]))('%s › %s', (file, words) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    if (words !== undefined) expect(readFileSync(join(ROOT, file), 'utf8')).toContain(words);
  });

  it('answers the questions that newcomers asked, each by a file or by a section of this page', () => {
    const [, section = ''] = PAGE.split('\n## Where is what\n');
    const questions = (section.split('\n## ')[0] ?? '')
      .split('\n')
      .filter((line) => /^\| .+\? \|/.test(line));
    const sections = questions.flatMap((line) => /\| this page, "([^"]+)" \|$/.exec(line)?.[1] ?? []);

    expect(rows.length).toBeGreaterThan(20);
    expect(sections.filter((heading) => !PAGE.includes(`\n## ${heading}\n`))).toEqual([]);
    expect(rows.length + sections.length).toBe(questions.length);
  });
});

describe('adding a step, as CONTRIBUTING.md says', { timeout: 120_000 }, () => {
  const { copy, files, node, typeCheck } = followed('Adding a step');

  it('touches its folder, its rights, its records and its workflow, and nothing else', () => {
    expect(files).toEqual([
      'functions/steps/greet/handler.ts',
      'lib/steps/greet.ts',
      'functions/contract/functions.ts',
      'functions/contract/steps.ts',
      'lib/workflows/shutdown.ts',
      'functions/steps/welcome/handler.ts',
      'lib/steps/welcome.ts',
      'functions/contract/functions.ts',
      'functions/contract/startup-steps.ts',
      'lib/workflows/startup.ts',
    ]);
  });

  it('is right by its types', () => {
    expect(typeCheck('functions/steps/greet', 'functions/steps/welcome', 'lib/workflows')).toBe('');
  });

  it('deploys a function with a role of its own and a state that calls it, and stands in the list of steps', () => {
    writeFileSync(
      join(copy, 'show.ts'),
      `import { App } from 'aws-cdk-lib';
      import { Template } from 'aws-cdk-lib/assertions';
      import { SystemConfig } from './functions/contract/config.ts';
      import { SystemStack } from './lib/system-stack.ts';
      import { systems } from './systems.ts';
      import { cataloguePage } from './test/support/catalogue-page.ts';
      const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
      const stack = new SystemStack(app, 'LightsOut-crm', { system: SystemConfig.parse(systems[0]) });
      console.log(JSON.stringify({ resources: Template.fromStack(stack).toJSON().Resources, page: cataloguePage() }));`,
    );
    const { resources, page } = JSON.parse(node('show.ts')) as {
      resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
      page: string;
    };

    for (const step of ['Greet', 'Welcome']) {
      const own = Object.entries(resources).filter(([name]) => name.startsWith(step));
      expect(own.map(([, { Type }]) => Type).sort()).toEqual([
        'AWS::IAM::Policy',
        'AWS::IAM::Role',
        'AWS::Lambda::Function',
        'AWS::Logs::LogGroup',
      ]);
    }
    const definitions = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')
      .map(({ Properties }) => JSON.stringify(Properties['DefinitionString']).replaceAll('\\', ''));
    expect(definitions.filter((text) => text.includes('"Greet":{"Next":"Drain sessions"'))).toHaveLength(1);
    expect(page).toContain('| Greet | 问候 | greet `greet` | `$.greeting` | before |');
    const calling = definitions.filter((text) => text.includes('"Welcome":{'));
    expect(calling).toHaveLength(1);
    expect(calling[0]).toContain('"StartAt":"Plan the start-up"');
    expect(calling[0]).toContain('"Next":"Start servers: wait"}],"Default":"Welcome"');
    expect(calling[0]).toContain('"Next":"Welcome: wait"}],"Default":"Start services"');
    expect(page).toContain('| Welcome | 欢迎 | welcome `welcome` | `$.welcome` | touched | 5 s | 4.1 |');
  });
});

describe('adding a channel, as CONTRIBUTING.md says', { timeout: 120_000 }, () => {
  const { copy, files, node, typeCheck } = followed('Adding a channel');

  it('touches its file, its fields and the list of recipients, and nothing else', () => {
    expect(new Set(files)).toEqual(
      new Set([
        'functions/contract/screen-config.ts',
        'functions/contract/notices-config.ts',
        'functions/notices/channels/screen.ts',
        'functions/notices/recipients.ts',
      ]),
    );
  });

  it('is right by its types', () => {
    expect(typeCheck('functions/notices', 'functions/steps/announce')).toBe('');
  });

  it('tells the audience that the configuration names, and says what may be tried again', () => {
    writeFileSync(
      join(copy, 'show.ts'),
      `import { createServer } from 'node:http';
      import { SystemConfig } from './functions/contract/config.ts';
      import { recipientsOf } from './functions/notices/recipients.ts';
      import { tellRooms } from './functions/steps/announce/rooms.ts';
      import { systems } from './systems.ts';
      const got = [];
      const answers = [200, 503, 404, 200];
      const server = createServer((request, response) => {
        let text = '';
        request.on('data', (piece) => { text += piece; });
        request.on('end', () => {
          got.push({ method: request.method, text });
          response.writeHead(answers[got.length - 1]).end();
        });
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const config = SystemConfig.parse({
        ...systems[0],
        notices: { ...systems[0].notices, screens: [{ url: 'https://screen.example.com', audiences: ['users'] }] },
      });
      config.notices.screens[0].url = 'http://127.0.0.1:' + server.address().port;
      const own = (audience) => recipientsOf(config, audience).filter(({ channel }) => channel.startsWith('screen'));
      const facts = {
        system: 'crm', displayName: 'Sunrise CRM', runId: 'r1', timeZone: 'Asia/Shanghai', at: '2026-11-27T14:00:00Z',
      };
      const tell = () => own('users')[0].deliver({ kind: 'announcement', facts, audience: 'users', occurrence: '30' });
      const ends = [];
      for (const _ of answers.slice(1)) ends.push(await tell().then(() => 'told', ({ name }) => name));
      const round = { sent: 0, accepted: 0 };
      const notice = { kind: 'announcement', facts, audience: 'users', occurrence: '30' };
      await tellRooms({ ...config, notices: { ...config.notices, webhooks: [] } }, notice, round, async () => {});
      server.close();
      console.log(JSON.stringify({ got, ends, round, operators: own('operators').length }));`,
    );
    const { got, ends, round, operators } = JSON.parse(node('show.ts')) as {
      got: { method: string; text: string }[];
      ends: string[];
      round: { sent: number; rooms: object };
      operators: number;
    };

    expect(ends).toEqual(['told', 'ChannelUnavailable', 'ChannelRefused']);
    expect(operators).toBe(0);
    // The step "Announce" tells it in each round.
    expect(round).toMatchObject({ sent: 1, rooms: { 'screen 1': 'told' } });
    expect(got[0]?.method).toBe('PUT');
    expect(got[0]?.text).toContain('Sunrise CRM');
    expect(got[0]?.text).toMatch(/维护|停机|关闭/);
  });
});
