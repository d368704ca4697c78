import { StepName } from '../contract/steps.ts';
import type { TimelineStep } from '../contract/timeline.ts';
import type {
  FilesVerification,
  PlannedFiles,
  VolumeSnapshot,
  VolumesEvidence,
} from '../contract/volumes-state.ts';
import type { ReachedState } from './outcome.ts';

/** What the evidence says of the CRM's files: names, sizes and states only. */
export interface FilesCertificate {
  backup: PlannedFiles['backup'];
  /** Every snapshot was seen `completed`. */
  confirmed: boolean;
  /** Begun, though not seen completed: some may exist all the same. */
  begun: boolean;
  snapshots: VolumeSnapshot[];
  /** What is in no snapshot, and why. */
  notCovered: PlannedFiles['notCovered'];
  /** The restored volumes' files compared with the source's. Absent when they were not compared to the end. */
  verification?: FilesVerification;
}

/** From the step's own evidence, which is there also when another branch of the backup failed. */
export function filesOf(
  state: ReachedState,
  steps: TimelineStep[],
  stored: VolumesEvidence | undefined,
  verification: FilesVerification | undefined,
): { files?: FilesCertificate } {
  const planned = state.plan?.files;
  if (planned === undefined) return {};
  return {
    files: {
      backup: planned.backup,
      confirmed: stored !== undefined,
      begun: steps.some((step) => step.name === StepName.volumes),
      snapshots: stored?.snapshots ?? [],
      notCovered: stored?.notCovered ?? planned.notCovered,
      ...(verification === undefined ? {} : { verification }),
    },
  };
}
