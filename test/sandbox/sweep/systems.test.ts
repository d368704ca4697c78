import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge } from '../../../sandbox/sweep/judge.ts';
import { record } from '../../../sandbox/sweep/record.ts';
import { startSweepWorld } from '../../../sandbox/sweep/world.ts';
import { parseFaults } from '../../../sandbox/world/fault-injection.ts';

/** What each system has that the example of `systems.ts` has not, and how a run ends with it. */
const OTHER = [
  { system: 'approved', fault: { world: 'approval-unanswered' }, outcome: 'denied' },
  { system: 'patched', fault: { world: 'update-fails' }, outcome: 'rolled-back' },
  { system: 'aurora', fault: { world: 'restore-fails' }, outcome: 'rolled-back' },
  { system: 'iam', fault: { world: 'corrupt-restore' }, outcome: 'rolled-back' },
];

test.each(OTHER)(
  'the system "$system" is shut down, and with $fault.world it is $outcome',
  {
    timeout: 180_000,
  },
  async ({ system, fault, outcome }) => {
    const out = mkdtempSync(join(tmpdir(), 'lights-out-sweep-test-'));
    const world = await startSweepWorld(system);
    try {
      // Throws unless the run without faults succeeds.
      const recording = await record(world, join(out, 'recording'));
      expect(recording.calls.length).toBeGreaterThan(150);

      const each = { id: `world ${fault.world}`, faults: [fault] };
      const seen = await world.run(
        { out: join(out, 'run'), faults: parseFaults(JSON.stringify(each.faults)), input: {} },
        async (rehearsal, sandbox) => ({
          outcome: rehearsal.record.outcome,
          broken: await judge(rehearsal, sandbox, each, { out: join(out, 'run'), canary: world.canary }),
          unused: sandbox.injector.unused(),
        }),
      );
      expect(seen).toEqual({ outcome, broken: [], unused: [] });
    } finally {
      await world.stop();
      rmSync(out, { recursive: true, force: true });
    }
  },
);
