import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge } from '../../../sandbox/sweep/judge.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';
import { standing } from './standing.ts';

const stage = standing();
const { out } = stage;

const connection = { database: 'connection' };
test.each([
  [
    'breaks in the middle of the look at the server',
    { function: 'inspect', kind: 'cut', query: 4 },
    'succeeded',
  ],
  ['finds too many others', { function: 'manifest', kind: 'too-many-connections' }, 'succeeded'],
  [
    'is not let in, as a secret is being rotated',
    { function: 'verify', kind: 'password-refused' },
    'succeeded',
  ],
  [
    'hears nothing any more',
    { function: 'verify', on: 'copy', nth: 2, kind: 'hangs', query: 31 },
    'succeeded',
  ],
  ['hears nothing, nor does any other', { function: 'manifest', kind: 'hangs', times: 1000 }, 'rolled-back'],
])('a connection that %s: %j', { timeout: 120_000 }, async (_what, fault, outcome) => {
  const each = { id: 'connection', faults: [{ ...connection, ...fault }] };
  const seen = await stage.world.run(
    { out: join(out, 'run'), faults: parseFaults(JSON.stringify(each.faults)), input: {} },
    async (rehearsal, sandbox) => ({
      outcome: rehearsal.record.outcome,
      broken: await judge(rehearsal, sandbox, each, { out: join(out, 'run'), canary: stage.world.canary }),
      unused: sandbox.injector.unused(),
    }),
  );

  expect(seen).toEqual({ outcome, broken: [], unused: [] });
});
