import { EvidenceKey } from '../../contract/keys.ts';
import { readEvidence, writeEvidenceIf } from '../../runtime/evidence.ts';

/** What `watch/<system>` holds. */
interface Stored {
  /** The shutdown that the record is about. Another shutdown begins a new record. */
  runId: string;
  /** Resources that were found on and reported, and have been on ever since. */
  names: string[];
}

export interface Told extends Stored {
  etag: string | undefined;
}

/** Resources that the operators know to be on: the watch reported them, or the shutdown reported that it could not switch them off. */
export async function readTold(system: string, runId: string, stillOn: string[]): Promise<Told> {
  const held = await readEvidence<Stored>(EvidenceKey.watch(system));
  const own = held?.value.runId === runId;
  return { runId, names: own ? held.value.names : stillOn, etag: held?.etag };
}

/**
 * Keeps the resources that are on now, so that each is reported again only after it was off. Written after the mail: a call killed in
 * between causes a second mail rather than none. If another look was faster, its record stays.
 */
export async function writeTold(system: string, told: Told, names: string[]): Promise<void> {
  const same = names.length === told.names.length && names.every((name) => told.names.includes(name));
  if (same) return;
  await writeEvidenceIf(EvidenceKey.watch(system), { runId: told.runId, names } satisfies Stored, told.etag);
}
