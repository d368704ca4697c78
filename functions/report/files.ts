import { StepName } from '../contract/steps.ts';
import type { TimelineStep } from '../contract/timeline.ts';
import type {
  FilesVerification,
  PlannedFiles,
  VolumeSnapshot,
  VolumesEvidence,
} from '../contract/volumes-state.ts';
import type { ReachedState } from './outcome.ts';

/** The evidence about the CRM's files: names, sizes and states only. */
export interface FilesCertificate {
  backup: PlannedFiles['backup'];
  /** Every snapshot was seen `completed`. */
  confirmed: boolean;
  /** Snapshots were begun and not seen completed. Some may still exist. */
  begun: boolean;
  snapshots: VolumeSnapshot[];
  /** Files in no snapshot, and why. */
  notCovered: PlannedFiles['notCovered'];
  /** The comparison of the restored volumes' files with the source's. Absent when it was not completed. */
  verification?: FilesVerification;
}

/** Reads the step's own evidence, which exists even if another branch of the backup failed. */
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
