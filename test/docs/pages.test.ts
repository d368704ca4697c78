import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorOf, pageOf } from '../support/page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = [
  'README.md',
  ...readdirSync(`${ROOT}docs`).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];

describe('the pages', () => {
  it.each(['README.md', 'docs/design.md', 'docs/plans.md', 'docs/operations.md'])(
    '%s is wrapped at 100 columns',
    (file) => {
      expect(pageOf(file).tooWide).toEqual([]);
    },
  );

  it.each(PAGES)('%s links to pages and headings that there are', (file) => {
    const links = [...pageOf(file).text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);

    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !pageOf(target).headings.some(({ title }) => anchorOf(title) === anchor);
    });
    expect(broken).toEqual([]);
  });
});
