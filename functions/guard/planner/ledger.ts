import { EvidenceKey } from '../../contract/keys.ts';
import type { LedgerEntry } from '../../contract/ledger.ts';
import { type Occurrence, occurrenceName } from '../../contract/occurrences.ts';
import { changeEvidence, readEvidence, writeEvidenceIf } from '../../runtime/evidence.ts';

export const readEntry = async (system: string, occurrence: Occurrence): Promise<LedgerEntry | undefined> =>
  (await readEvidence<LedgerEntry>(keyOf(system, occurrence)))?.value;

/** Decides what becomes of an occurrence. Of two planners at the same moment the first one decides. @returns the decision that counts. */
export async function decideOnce(
  system: string,
  occurrence: Occurrence,
  entry: LedgerEntry,
): Promise<LedgerEntry> {
  const key = keyOf(system, occurrence);
  if ((await writeEvidenceIf(key, entry)) !== undefined) return entry;
  return (await readEvidence<LedgerEntry>(key))?.value ?? entry;
}

/** Notes in an entry what became of it since. @returns the entry as it then is. */
export async function noteIn(
  system: string,
  occurrence: Occurrence,
  since: Partial<Pick<LedgerEntry, 'begunAt' | 'toldAt' | 'decision' | 'reason'>>,
): Promise<LedgerEntry | undefined> {
  const { value } = await changeEvidence<LedgerEntry>(keyOf(system, occurrence), (current) =>
    current === undefined ? undefined : { ...current, ...since },
  );
  return value;
}

const keyOf = (system: string, occurrence: Occurrence): string =>
  EvidenceKey.occurrence(system, occurrenceName(occurrence));

/** What `schedule/<system>/planner.json` holds. */
interface PlannerMark {
  /** Hash of the schedule that the planner looks at. */
  schedule: string;
  /** Since when it looks at that one, ISO 8601. Nothing that was due before was missed. */
  since: string;
}

/** Since when the planner has looked at this schedule, in milliseconds. It begins now for a schedule that was just deployed. */
export async function lookingSince(system: string, schedule: string): Promise<number> {
  const { value } = await changeEvidence<PlannerMark>(EvidenceKey.planner(system), (current) =>
    current?.schedule === schedule ? undefined : { schedule, since: new Date(Date.now()).toISOString() },
  );
  return Date.parse(value?.since ?? '');
}
