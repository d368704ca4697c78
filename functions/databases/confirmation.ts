import type { Comparison } from '../../engines/manifest.ts';
import type { Confirmation } from '../contract/startup-state.ts';

/** What `confirmation.json` holds. */
export interface ConfirmationEvidence extends Omit<Confirmation, 'done' | 'waitSeconds' | 'spread'> {
  /** The shutdown whose data were put away. */
  shutdown?: string;
  endedAt: string;
  /** Absent when nothing was compared. */
  comparison?: Comparison;
}
