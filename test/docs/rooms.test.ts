import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PRODUCT = ['bin', 'lib', 'functions', 'engines', 'sandbox', 'cli'];

/** What a reader holds in the head. */
const MOST_LINES = 300;

const filesIn = (room: string): string[] =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .map((path) => join(room, path))
    .filter((path) => statSync(join(ROOT, path)).isFile());

const files = PRODUCT.flatMap(filesIn);
/** What is in `test/golden/` is written by `npm run golden`. */
const tests = filesIn('test').filter((path) => !path.startsWith('test/golden/'));

/** Files with more lines than a reader holds in the head, each with their number. */
const longOf = (paths: string[]): string[] =>
  paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines}`);

it('no file of the product is longer than a reader holds in the head', () => {
  expect(files.length).toBeGreaterThan(400);
  expect(longOf(files)).toEqual([]);
});

it('no file of the tests is either: it is split by meaning, and what two share stands in a file beside', () => {
  expect(tests.length).toBeGreaterThan(300);
  expect(longOf(tests)).toEqual([]);
});

it('no room is one of everything', () => {
  expect(
    [...files, ...tests].filter((path) => /\/(shared|common|utils?|helpers?|misc)(\/|\.ts$)/.test(path)),
  ).toEqual([]);
});

it('each function’s rights stand in a file of its name', () => {
  const handlers = files
    .filter((path) => path.endsWith('/handler.ts'))
    .map((path) => path.split('/').at(-2) ?? '');
  expect(handlers.length).toBeGreaterThan(15);
  expect(handlers.filter((name) => !existsSync(join(ROOT, 'lib', 'steps', `${name}.ts`)))).toEqual([]);
});
