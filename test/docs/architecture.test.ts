import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName, functionFacts } from '../../functions/contract/functions.ts';
import { ALL_STEPS } from '../../functions/contract/step-lookup.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');

/** The rows of the table whose head begins so, as cells. */
function table(head: string): string[][] {
  const lines = page.split('\n');
  const first = lines.findIndex((line) => line.startsWith(head));
  if (first < 0) throw new Error(`docs/architecture.md: expected a table that begins with "${head}"`);
  const rest = lines.slice(first + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => line.replaceAll(/^\| *| *\|$/g, '').split(/ *\| */));
}

describe('docs/architecture.md', () => {
  const states = table('| state | function / action |');
  it.each(ALL_STEPS.map((step) => [step.name, step] as const))(
    'says of "%s" what the catalogue says',
    (name, { function: called, action, answer, phase }) => {
      const key = phase === 'rolling back' ? 'Roll back (parallel)' : name;
      const [row] = states.filter(([state = '']) => state.includes(key));
      // Of an approval the answer comes with the state that checks its record.
      const result = name === 'Await approval' ? 'none' : `\`${answer}\``;

      expect(row?.join(' ')).toContain(`${called} \`${action}\``);
      expect(row?.join(' ')).toContain(result);
    },
  );

  const functions = new Map([
    ...table('| function | more environment | in the VPC |').map(
      ([name = '', environment = '', network = '']) =>
        [name.split(' ')[0], { environment, network }] as const,
    ),
    ...table('| function | called by | more environment |').map(
      ([name = '', , environment = '']) => [name.split(' ')[0], { environment, network: '' }] as const,
    ),
  ]);
  it.each(Object.keys(FUNCTIONS) as FunctionName[])(
    'says of the function %s what it is told, and where it runs',
    (name) => {
      const { environment = [], network } = functionFacts(name);

      expect(functions.get(name)).toEqual({
        environment: environment.join(', '),
        network: network === undefined ? '' : 'yes',
      });
    },
  );

  it('names rooms that are there', () => {
    const rooms = table('| room | what is in it |').flatMap(([room = '']) =>
      [...room.matchAll(/`([^`]+)`/g)].flatMap(([, path = '']) => path.replace(/[<{*].*$/, '')),
    );
    expect(rooms.length).toBeGreaterThan(12);
    expect(rooms.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
  });
});
