import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');
const pages = [
  'README.md',
  ...readdirSync(`${ROOT}docs`).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

const claims = read('docs/claims.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map((line) => line.slice(2, -2).split(' | '));

/** What nothing here does yet, and so no text may say of today. */
const UNTRUE = /overrideHold|lights-out (plan|abort|doctor)\b/;

describe('what is promised', () => {
  it('is a list of some length, three cells a line', () => {
    expect(claims.length).toBeGreaterThan(20);
    expect(claims.filter((cells) => cells.length !== 3)).toEqual([]);
  });

  it.each(claims)('"%s" stands in %s and is shown by %s', (promise = '', file = '', shownBy = '') => {
    const [test = '', name = ''] = shownBy.split(' › ');

    expect(flat(read(file))).toContain(flat(promise));
    expect(existsSync(`${ROOT}${test}`)).toBe(true);
    // `*` is the whole file.
    const named = ['it', 'test'].some((word) =>
      new RegExp(`\\b${word}\\b[^;]*?['"\`]`, 's').test(read(test)),
    );
    expect(name === '*' ? named : read(test).includes(name)).toBe(true);
  });

  it.each([
    'README.md',
    'package.json',
    'cli/usage.ts',
    'docs/operations.md',
    'docs/first-friday.md',
    'docs/first-monday.md',
    'docs/design.md',
    'docs/deploy.md',
    'docs/channels.md',
    'functions/notices/texts-en.ts',
  ])('%s promises nothing that does not exist', (file) => {
    expect(UNTRUE.exec(read(file))?.[0]).toBeUndefined();
  });

  it('only docs/plans.md speaks of what comes next, and says that it is not there', () => {
    expect(pages.filter((file) => /\bto come\b|next edition/i.test(read(file)))).toEqual(['docs/plans.md']);
    expect(read('docs/plans.md').split('\n')[2]).toContain('Nothing on this page is there yet.');
  });
});
