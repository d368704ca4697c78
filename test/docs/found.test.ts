import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/found.md`, 'utf8');

describe('docs/found.md', () => {
  it('names tests and decisions that are there', () => {
    const files = [...PAGE.matchAll(/`((?:test|lib|functions|sandbox|docs)\/[^`]+?)`/g)].map(
      ([, file = '']) => file,
    );
    const decisions = [...PAGE.matchAll(/\((decisions\/[^)]+)\)/g)].map(([, file = '']) => `docs/${file}`);

    expect(files.length).toBeGreaterThan(50);
    expect(decisions.length).toBeGreaterThan(10);
    expect([...files, ...decisions].filter((file) => !existsSync(`${ROOT}${file}`))).toEqual([]);
  });

  it('has a test or a decision in each line', () => {
    const rows = PAGE.split('\n').filter((line) => /^\| [A-F]\d/.test(line));

    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((row) => !/`|decision/.test(row.split('|')[3] ?? ''))).toEqual([]);
  });
});
