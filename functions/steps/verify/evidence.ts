import type { Comparison, EngineCheck, Manifest } from '../../../engines/manifest.ts';
import type { LiveComparison } from '../../databases/live-comparison.ts';
import type { SourceWrites } from './source-writes.ts';

/** What `verification.json` holds. */
export interface VerificationEvidence extends Comparison {
  source: Manifest['server'];
  restored: Manifest['server'];
  comparedAt: string;
  /** Absent until the copy was found equal and was checked. */
  engineCheck?: EngineCheck;
  /** Absent until the comparison is complete. */
  sourceWrites?: SourceWrites;
  /** Of a run that only proves a backup, once the source was seen again. Until then `differences` may hold what was written meanwhile. */
  live?: LiveComparison;
}

export function verificationEvidence(
  comparison: Comparison,
  source: Manifest,
  restored: Manifest,
): VerificationEvidence {
  return {
    ...comparison,
    source: source.server,
    restored: restored.server,
    comparedAt: new Date(Date.now()).toISOString(),
  };
}
