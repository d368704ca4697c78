import type { RunInput } from '../../functions/contract/input.ts';
import type { Recording, SweepCase } from './case.ts';
import { singleFaults } from './cases.ts';
import { connectionFaults } from './connection-cases.ts';
import { aborts } from './world-cases.ts';

/** A backup of the running system. */
export const PROOF: RunInput = { onlyProve: true };

/** A row that is written between the first reading of the source and the snapshot, in every case: so the source is read again. */
export const WRITTEN = { world: 'stray-write' };

/** Another one after the snapshot. */
const LATER = { world: 'late-write', at: 'Restore test instance (running system)' };

/** A table of the CRM that is not the largest, which is the one written to. */
const UNWRITTEN = 'public.accounts';

/** Everything that may go wrong in the recorded run that only proves a backup, one thing at a time, while users write. */
export function proofCases(recording: Recording): SweepCase[] {
  const written: SweepCase[] = [
    { id: 'world late-write', faults: [LATER], outcome: 'proved' },
    {
      id: 'world corrupt-restore',
      faults: [{ world: 'corrupt-restore', table: UNWRITTEN }],
      outcome: 'failed',
    },
  ];
  return [...singleFaults(recording), ...connectionFaults(recording), ...written, ...aborts(recording)].map(
    (each) => ({ ...each, faults: [WRITTEN, ...each.faults], input: PROOF }),
  );
}
