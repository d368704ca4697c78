import { ErrorName } from '../contract/errors.ts';
import type { Certificate } from './certificate.ts';

/** The next step of a person after a run that ended safely, but not as intended. */
export type NextStep =
  /** Something writes to the source although the services are stopped. */
  | 'find-writer'
  /** The copy differs, and the source was not written to. */
  | 'look-at-backup'
  /** The engine found damage in the copy. */
  | 'repair'
  /** The plan's reasons say what to do. */
  | 'reasons'
  /** The services did not stop, or came back. */
  | 'services'
  /** Another run is at work, or nobody approved: nothing is broken. */
  | 'start-again'
  /** The failure's own words say what to do. */
  | 'mend';

/** The next step, by the failure that ended the run. */
export function nextStepOf({
  failure,
  verification,
}: Pick<Certificate, 'failure' | 'verification'>): NextStep {
  switch (failure?.Error) {
    case ErrorName.SourceChanged:
      return 'find-writer';
    case ErrorName.VerificationMismatch: {
      if (verification.differences.some(({ strayWrite }) => strayWrite === true)) return 'find-writer';
      return (verification.engineCheck?.problems.length ?? 0) > 0 ? 'repair' : 'look-at-backup';
    }
    case ErrorName.PlanRejected:
    case ErrorName.InvalidInput:
    case ErrorName.InvalidConfiguration:
      return 'reasons';
    case ErrorName.ServiceDidNotStop:
      return 'services';
    case ErrorName.RunAborted:
    case ErrorName.Held:
      return 'start-again';
    default:
      return 'mend';
  }
}
