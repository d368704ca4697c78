import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WIDEST = 100;

/** A page for people, and what a test asks of each. */
export interface Page {
  text: string;
  /** In order, as they are typed. */
  headings: { level: number; title: string }[];
  /** Longer than a reader's line: neither a table's row, nor a picture, nor in a block of code. */
  tooWide: string[];
  /** What the blocks of that language hold; of answers the language is ''. */
  blocks: (language: string) => string[];
  /** Under that heading, up to the next of its level or a higher one. */
  article: (title: string) => string;
}

export function pageOf(file: string): Page {
  const text = readFileSync(`${ROOT}${file}`, 'utf8');
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const headings = [...prose.matchAll(/^(#+) (.*)$/gm)].map(([, marks = '', title = '']) => ({
    level: marks.length,
    title,
  }));
  const fenced = [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', block = '']) => ({
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
  return {
    text,
    headings,
    tooWide: prose.split('\n').filter((line) => line.length > WIDEST && !/^(\||!\[)/.test(line)),
    blocks: (language) => fenced.flatMap((block) => (block.language === language ? [block.text] : [])),
    article: (title) => {
      const heading = headings.find((candidate) => candidate.title === title);
      if (heading === undefined) return '';
      const [, rest = ''] = text.split(`\n${'#'.repeat(heading.level)} ${title}\n`);
      return rest.split(new RegExp(`^#{1,${heading.level}} `, 'm'))[0] ?? '';
    },
  };
}

/** What a link to a heading ends with on GitHub. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
    .replaceAll(' ', '-');
}
