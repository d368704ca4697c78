import { EvidenceKey } from '../../contract/keys.ts';
import { readEvidence, writeEvidenceIf } from '../../runtime/evidence.ts';

/** What `watch/<system>` holds. */
interface Stored {
  /** The shutdown that it is about: another one begins anew. */
  runId: string;
  /** What was found on and told, and has been on ever since. */
  names: string[];
}

export interface Told extends Stored {
  etag: string | undefined;
}

/** What the operators know to be on: what they were told, or what the shutdown itself told them that it could not switch off. */
export async function readTold(system: string, runId: string, stillOn: string[]): Promise<Told> {
  const held = await readEvidence<Stored>(EvidenceKey.watch(system));
  const own = held?.value.runId === runId;
  return { runId, names: own ? held.value.names : stillOn, etag: held?.etag };
}

/**
 * Keeps what is on now, so that it is told again only once it was off in between. Written after the mail: somebody who is killed in between
 * tells twice rather than never; when another look was faster, that one's word stands.
 */
export async function writeTold(system: string, told: Told, names: string[]): Promise<void> {
  const same = names.length === told.names.length && names.every((name) => told.names.includes(name));
  if (same) return;
  await writeEvidenceIf(EvidenceKey.watch(system), { runId: told.runId, names } satisfies Stored, told.etag);
}
