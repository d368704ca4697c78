import { expect, test } from 'vitest';
import { parseJson } from '../../sandbox/written-json.ts';

test.each([
  ['[\n  {"a": 1},\n]', 3, 1, ']'],
  ['{"a": 1,}', 1, 9, '}'],
  ["{'a': 1}", 1, 2, "'"],
  ['{dryRun: true}', 1, 2, 'd'],
  ['[1, 2', 1, 6, undefined],
  ['{"a": "b', 1, 9, undefined],
  ['[tru]', 1, 5, ']'],
  ['[1.]', 1, 4, ']'],
  ['[1] x', 1, 5, 'x'],
  ['{"a": "line\r\nbreak"}', 1, 12, '\r'],
  ['[\r\n\r\n  {"a":"\\q"}]', 3, 10, 'q'],
])('%j is broken at line %i, column %i', (text, line, column, found) => {
  const what = found === undefined ? 'it ends there' : `found ${JSON.stringify(found)}`;
  expect(() => parseJson('--input', text, 'expected {}')).toThrow(
    `--input: not JSON at line ${line}, column ${column}: ${what}; expected {}`,
  );
});
