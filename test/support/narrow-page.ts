import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian and others put the browser. */
const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Whether there is a browser that a page can be laid out in. */
export const hasBrowser = BROWSER !== undefined;

/** How a page is laid out, in CSS pixels. */
export interface Layout {
  width: number;
  height: number;
  /** The narrowest element that holds a text of its own. */
  narrowest: number;
  /** Labels of a timeline's axis that lie over one another, or beyond the page: the texts of each pair. */
  overlaps: string[];
  /** Tables of at most four columns that one has to scroll to see whole, by their first column's title. */
  cut: string[];
}

const MEASURE = `
addEventListener('load', () => {
  const layouts = [...document.querySelectorAll('iframe')].map(({ contentDocument: page }) => {
    const blocks = [...page.querySelectorAll('p, h1, td, li, div')].filter((each) =>
      [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''));
    const overlaps = [...page.querySelectorAll('.axis')].flatMap((axis) => {
      const labels = [...axis.querySelectorAll('span')]
        .map((each) => ({ text: each.textContent, box: each.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0);
      const beyond = labels.filter(({ box }) => box.left < 0 || box.right > page.documentElement.clientWidth);
      const over = labels.flatMap((one, index) => labels.slice(index + 1)
        .filter(({ box }) => one.box.left < box.right && box.left < one.box.right && one.box.top < box.bottom - 1 && box.top < one.box.bottom - 1)
        .map(({ text }) => one.text + ' | ' + text));
      return [...beyond.map(({ text }) => text), ...over];
    });
    return {
      overlaps,
      cut: [...page.querySelectorAll('.scroll')]
        .filter((box) => box.querySelector('th') && box.querySelectorAll('thead th').length < 5 && box.scrollWidth > box.clientWidth)
        .map((box) => box.querySelector('th').textContent),
      width: page.documentElement.scrollWidth,
      height: page.documentElement.scrollHeight,
      narrowest: Math.min(...blocks.map((each) => each.clientWidth)),
    };
  });
  document.body.textContent = 'layouts=' + JSON.stringify(layouts) + ';';
});`;

/** Lays pages out at a width, each in a frame of its own. */
export function layOut(pages: string[], width: number): Layout[] {
  if (BROWSER === undefined) throw new Error('there is no browser to lay a page out');
  const folder = mkdtempSync(join(tmpdir(), 'lights-out-layout-'));
  try {
    const frames = pages.map((html) => {
      const content = html.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      return `<iframe width="${width}" height="700" style="border:0" srcdoc="${content}"></iframe>`;
    });
    const file = join(folder, 'page.html');
    writeFileSync(
      file,
      `<!doctype html><meta charset="utf-8"><script>${MEASURE}</script><body>${frames.join('')}`,
    );
    const dumped = execFileSync(
      BROWSER,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        `--user-data-dir=${folder}/profile`,
        '--virtual-time-budget=10000',
        '--dump-dom',
        `file://${file}`,
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 100_000,
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    const found = /layouts=(\[.*?\]);/.exec(dumped)?.[1];
    if (found === undefined) throw new Error('the browser did not lay the pages out');
    return JSON.parse(found) as Layout[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
