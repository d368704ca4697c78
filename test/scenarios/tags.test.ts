import { expect, it } from 'vitest';
import { systems } from '../../systems.ts';
import { rehearseScenario } from '../support/rehearsals.ts';

const [example] = systems;
if (example === undefined) throw new Error('systems.ts holds no example');

/** Operations that make something which AWS can tag; a grant is none, and a bucket's object has its own way. */
const MAKES = /^(Create|Restore|Copy|Run)(?!Grant|Tags)/;

it('puts the company’s tags on everything that a run makes', { timeout: 180_000 }, async () => {
  const { record, broken, exitCode, calls } = await rehearseScenario({
    systems: [{ ...example, tags: { 'cost-center': '4711' }, copyTags: true }],
  });

  expect({ broken, exitCode, error: record.error }).toEqual({ broken: [], exitCode: 0, error: undefined });
  const made = calls().filter(({ operation, outcome }) => MAKES.test(operation) && outcome === 'ok');
  expect(new Set(made.map(({ operation }) => operation))).toEqual(
    new Set(['CreateDBSnapshot', 'CreateSnapshots', 'CreateVolume', 'RestoreDBInstanceFromDBSnapshot']),
  );
  for (const { operation, parameters } of made) {
    const text = JSON.stringify(parameters);
    expect(text, operation).toContain('{"Key":"cost-center","Value":"4711"}');
    expect(text, operation).toContain('"lights-out:run"');
  }
  // The closing of the verified run marks its snapshots, and nothing else.
  const marked = calls().filter(({ operation }) => ['AddTagsToResource', 'CreateTags'].includes(operation));
  expect(new Set(marked.map((call) => call.function))).toEqual(new Set(['report']));
  expect(marked.map(({ outcome }) => outcome)).not.toContain('AccessDenied');
  expect(JSON.stringify(marked)).toContain('lights-out:verified');
});
