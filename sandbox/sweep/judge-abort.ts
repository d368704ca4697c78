import { allOff, allOn } from '../rehearsal/invariants.ts';
import type { Rehearsal } from '../rehearsal/run.ts';
import type { AnyOutcome } from '../rehearsal/run-record.ts';
import type { Sandbox } from '../rehearsal/sandbox.ts';

/** What is read here of the certificate of a run whose execution somebody stopped. */
export interface AbortedCertificate {
  failure?: { Error: string };
  cleanedUp?: { Error: string; Cause: string; by: string };
}

/** Past this state something may be off, and before it nothing is. */
const POINT_OF_NO_RETURN = 'Switch off';

/** Outcomes that a stopped run may have: fully off or fully on again, partly off, never begun, or a backup that is proved by then. */
const OUTCOMES: AnyOutcome[] = ['succeeded', 'rolled-back', 'partly-off', 'failed', 'proved'];

/** Outcomes of a run that had done all of its work when it was stopped. */
const DONE: AnyOutcome[] = ['succeeded', 'proved'];

/**
 * A run whose execution somebody stopped, as CleanUp closed it: the certificate says that it was stopped and who closed it, the outcome is what
 * stands there now, and every operator reads the words of who stopped it. Only a run that had come to its own closing may have been closed
 * by itself: then the stop changed nothing, and nothing is told of it.
 *
 * @returns a sentence for each thing that does not hold.
 */
export function abortBroken(
  { record, execution }: Pick<Rehearsal, 'record' | 'execution'>,
  sandbox: Sandbox,
  certificate: AbortedCertificate | undefined,
): string[] {
  if (execution.status !== 'ABORTED' || certificate === undefined) return [];
  const wrong: string[] = [];
  const say = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(`abort: ${sentence}`);
  };
  const { outcome } = record;
  const entered = new Set(execution.history.events.map((event) => event.stateEnteredEventDetails?.name));
  const { cleanedUp, failure } = certificate;
  const everyoneReads = sandbox.executions.deployment.config.notices.operators.every(({ address }) =>
    sandbox.mailbox.mails.some(
      (mail) => mail.to.includes(address) && mail.text.includes(execution.cause ?? ''),
    ),
  );

  say(OUTCOMES.includes(outcome), `the outcome is "${outcome}"`);
  say(
    (outcome === 'succeeded') === allOff(record),
    `the outcome is "${outcome}", and ${allOff(record) ? 'everything is off' : 'not everything is off'}`,
  );
  if (outcome === 'partly-off') {
    say(entered.has(POINT_OF_NO_RETURN), 'partly off, before the point of no return');
    say(!allOn(record), 'it says partly off where nothing was switched off');
  }
  if (outcome === 'failed' || outcome === 'rolled-back') {
    say(allOn(record) && !record.resources.maintenance, `the outcome is "${outcome}", not everything is on`);
    say(
      outcome === 'failed' || entered.has('Drain sessions'),
      'it says rolled back, and had touched nothing',
    );
  }
  if (cleanedUp === undefined) {
    say(entered.has('Close the run'), 'the certificate does not say that the execution was stopped');
    return wrong;
  }
  const cleaner = sandbox.executions.all.get(cleanedUp.by);
  say(cleanedUp.Error === 'RunAborted', `the certificate says ${cleanedUp.Error} of a run that was stopped`);
  say(cleanedUp.Cause.includes(execution.cause ?? ''), 'the certificate does not quote who stopped it');
  say(
    cleaner?.status === 'SUCCEEDED',
    `who cleaned up, ${cleanedUp.by}, is ${cleaner?.status ?? 'not there'}`,
  );
  say(everyoneReads, 'an operator was not told that, and why, the execution was stopped');
  const own = entered.has('Roll back');
  say(
    DONE.includes(outcome) ? failure === undefined : own || failure?.Error === 'RunAborted',
    `the outcome is "${outcome}", its failure ${failure?.Error}`,
  );
  return wrong;
}
