import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { CATALOGUE_PAGE, cataloguePage } from '../support/catalogue-page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('docs/steps.md is what the catalogue says: `npm run golden` renews it', () => {
  expect(readFileSync(CATALOGUE_PAGE, 'utf8')).toBe(cataloguePage());
});

it('docs/architecture.md names rooms that are there', () => {
  const lines = readFileSync(`${ROOT}docs/architecture.md`, 'utf8').split('\n');
  const rest = lines.slice(lines.indexOf('| room | what is in it | may know |') + 2);
  const rooms = rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
    .map(([, path = '']) => path.replace(/[<{*].*$/, ''));

  expect(rooms.length).toBeGreaterThan(12);
  expect(rooms.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
});
