import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { synthesise } from '../../sandbox/rehearsal/synthesis.ts';

it('functions carry maps of their lines, and not the text of their sources', {
  timeout: 120_000,
}, async () => {
  // The assembly that rehearsals run.
  const files = readdirSync(await synthesise(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const maps = files.filter((file) => file.endsWith('.map'));
  expect(maps.length).toBeGreaterThan(15);
  const [smallest] = maps.sort((one, other) => statSync(one).size - statSync(other).size);
  const map = JSON.parse(readFileSync(smallest ?? '', 'utf8')) as {
    mappings: string;
    sourcesContent?: unknown;
  };
  expect(map.mappings.length).toBeGreaterThan(1000);
  expect(map.sourcesContent).toBeUndefined();
  const weigh = (end: string): number =>
    files.filter((file) => file.endsWith(end)).reduce((sum, file) => sum + statSync(file).size, 0);
  // It was four times.
  expect(weigh('.map')).toBeLessThan(1.8 * weigh('.mjs'));
});
