import type { RunInput } from '../../functions/contract/input.ts';
import type { Recording, SweepCase } from './case.ts';
import { singleFaults } from './cases.ts';
import { connectionFaults } from './connection-cases.ts';
import { aborts } from './world-cases.ts';

/** A backup of the running system. */
export const PROOF: RunInput = { onlyProve: true };

/** Between the first reading of the source and the snapshot, and after it. */
const WRITES = {
  before: { world: 'stray-write' },
  after: { world: 'late-write', at: 'Restore test instance (running system)' },
};

/** Everything that may go wrong in the recorded run that only proves a backup, one thing at a time, and what users write meanwhile. */
export function proofCases(recording: Recording): SweepCase[] {
  const written: SweepCase[] = [
    { id: 'world stray-write', faults: [WRITES.before], outcome: 'proved' },
    { id: 'world late-write', faults: [WRITES.after], outcome: 'proved' },
    { id: 'world stray-write late-write', faults: [WRITES.before, WRITES.after], outcome: 'proved' },
    { id: 'world corrupt-restore', faults: [{ world: 'corrupt-restore' }], outcome: 'failed' },
  ];
  return [...singleFaults(recording), ...connectionFaults(recording), ...written, ...aborts(recording)].map(
    (each) => ({ ...each, input: PROOF }),
  );
}
