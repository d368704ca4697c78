import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

const blocks: Block[] = [...PAGE.matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, kind = '', file = '', text = '']) => ({ kind, file, lines: text.split('\n').slice(0, -1) }),
);

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

describe('adding a step, as CONTRIBUTING.md says', { timeout: 120_000 }, () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'lights-out-contributing-'));
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

  it('touches its folder, its rights, its records and the workflow, and nothing else', () => {
    expect(blocks.map(({ file }) => file)).toEqual([
      'functions/steps/greet/handler.ts',
      'lib/steps/greet.ts',
      'functions/contract/functions.ts',
      'functions/contract/steps.ts',
      'lib/workflows/shutdown.ts',
    ]);
  });

  it('is right by its types', () => {
    const rooms = {
      extends: join(ROOT, 'tsconfig.json'),
      include: ['functions/steps/greet'],
    };
    writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(rooms));

    expect(node('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.')).toBe('');
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

    const own = Object.entries(resources).filter(([name]) => name.startsWith('Greet'));
    expect(own.map(([, { Type }]) => Type).sort()).toEqual([
      'AWS::IAM::Policy',
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
    ]);
    const definitions = Object.values(resources)
      .filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')
      .map(({ Properties }) => JSON.stringify(Properties['DefinitionString']).replaceAll('\\', ''));
    expect(definitions.filter((text) => text.includes('"Greet":{"Next":"Drain sessions"'))).toHaveLength(1);
    expect(page).toContain('| Greet | 问候 | greet `greet` | `$.greeting` | before |');
  });
});
