import { type Manifest, totals } from '../../../engines/manifest.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { BatchRead, ManifestResult } from '../../contract/state.ts';
import type { StateAfter } from '../../contract/state-after.ts';
import { requireInTime } from '../../databases/reading-deadline.ts';
import { type Recorded, readOneBatch, recordServer } from '../../databases/spread.ts';
import { readEvidence } from '../../runtime/evidence.ts';
import { requireDatabase } from '../../runtime/plan-results.ts';
import { defineStep, elapsed, type StepEvent } from '../../runtime/step.ts';

export type ManifestEvent = StepEvent<
  'record' | 'read',
  StateAfter<'services', 'run' | 'config' | 'plan' | 'backup'>
> & {
  /** Which batch to `read`. */
  batch?: number;
};

/**
 * Records the content of the source database while the snapshot is made, and keeps it as evidence (`record`). Reads one batch of a large
 * database (`read`).
 *
 * Trigger: the workflow's state "Record manifest", called again until done, and its Map over batches. The evidence bucket keeps the work of
 * earlier calls, so nothing is read twice. Reads only.
 * Rejects with `DatabaseUnreachable`, `VerificationImpossible` (the deadline for reading among its reasons).
 */
export const handler = defineStep(
  'manifest',
  async ({ action, state, batch }: ManifestEvent): Promise<ManifestResult | BatchRead> => {
    const { run, config, plan } = state;
    const { address, port } = requireDatabase(plan);
    const source: Recorded = { config, run, side: 'source', address, port, onServer: () => undefined };
    if (action === 'read') return readOneBatch(source, batch ?? 0);
    const { since, seconds } = elapsed(state.backup?.manifest);
    requireInTime('source', config, seconds);
    const key = EvidenceKey.sourceManifest(config.name, run.id);
    const resume = (await readEvidence<Manifest>(key))?.value;
    const { manifest, complete, spread } = await recordServer(source, { resume });
    return {
      done: complete,
      waitSeconds: complete ? 0 : lookAgainIn(1, seconds),
      since,
      key,
      ...totals(manifest),
      ...(spread === undefined ? {} : { spread }),
    };
  },
);
