import { readEvidence, writeEvidence } from '../shared/aws/evidence.ts';
import { EvidenceKey } from '../shared/contract/keys.ts';
import type { ManifestResult } from '../shared/contract/state.ts';
import { type Manifest, totals } from '../shared/engines/manifest.ts';
import { recordServer } from '../shared/engines/record.ts';
import { requireDatabase } from '../shared/planned.ts';
import { defineStep, elapsed, type StepEvent } from '../shared/step.ts';

export type ManifestEvent = StepEvent<'record', 'run' | 'config' | 'plan' | 'backup'>;

/**
 * Records what the source database contains while the snapshot is made, and keeps it as evidence.
 *
 * Trigger: the workflow's state "Record manifest", called again until done; what an earlier call got done is kept in the
 * evidence bucket and not read again. Reads only.
 * Rejects with `DatabaseUnreachable`, `VerificationImpossible`.
 */
export const handler = defineStep('manifest', async (event: ManifestEvent): Promise<ManifestResult> => {
  const { run, config, plan } = event.state;
  const { since } = elapsed(event.state.backup?.manifest);
  const { address, port } = requireDatabase(plan);
  const key = EvidenceKey.sourceManifest(config.name, run.id);
  const resume = (await readEvidence<Manifest>(key))?.value;
  const { manifest, complete } = await recordServer({ config, address, port, resume });
  await writeEvidence(key, manifest);
  return { done: complete, waitSeconds: complete ? 0 : 1, since, key, ...totals(manifest) };
});
