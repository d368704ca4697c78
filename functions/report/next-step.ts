import { ErrorName } from '../contract/errors.ts';
import type { Certificate } from './certificate.ts';

/** What a person does after a run that ended safely, but not as it was meant to. */
export type NextStep =
  /** Something writes to the source although the services are stopped. */
  | 'find-writer'
  /** The copy differs, and the source was not written to. */
  | 'look-at-backup'
  /** The engine found damage in the copy. */
  | 'repair'
  /** The plan's reasons say it. */
  | 'reasons'
  /** The services did not stop, or came back. */
  | 'services'
  /** Another run is at work, or nobody said yes: nothing is broken. */
  | 'start-again'
  /** What happened says it. */
  | 'mend';

/** From what ended the run. */
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
      return 'start-again';
    default:
      return 'mend';
  }
}
