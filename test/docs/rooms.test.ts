import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PRODUCT = ['bin', 'lib', 'functions', 'engines', 'sandbox', 'cli'];

/** What a reader holds in the head. */
const MOST_LINES = 300;

const files = PRODUCT.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .map((path) => join(room, path))
    .filter((path) => statSync(join(ROOT, path)).isFile()),
);

it('no file of the product is longer than a reader holds in the head', () => {
  const long = files.filter(
    (path) =>
      path.endsWith('.ts') && readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1 > MOST_LINES,
  );
  expect(files.length).toBeGreaterThan(400);
  expect(long).toEqual([]);
});

it('no room is one of everything', () => {
  expect(files.filter((path) => /\/(shared|common|utils?|helpers?|misc)(\/|\.ts$)/.test(path))).toEqual([]);
});

it('each function’s rights stand in a file of its name', () => {
  const handlers = files
    .filter((path) => path.endsWith('/handler.ts'))
    .map((path) => path.split('/').at(-2) ?? '');
  expect(handlers.length).toBeGreaterThan(15);
  expect(handlers.filter((name) => !existsSync(join(ROOT, 'lib', 'steps', `${name}.ts`)))).toEqual([]);
});
