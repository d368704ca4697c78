import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import type { StartupInput } from '../../contract/startup-input.ts';
import type { Acceptance } from '../../contract/startup-state.ts';
import type { RunContext } from '../../contract/state.ts';
import { whyNotApprove } from '../../guard/approvals.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';
import type { PutAway } from './put-away.ts';

/**
 * Whether the requester may let the system start although its data differ. Where the system wants a second person's approval, that is one
 * of its approvers, proved by the API, and not who asked for the shutdown.
 *
 * @returns undefined when the input accepts nothing.
 * @throws LightsOutError `InvalidInput` when the requester may not.
 */
export function acceptanceOf(
  { acceptDifferences }: StartupInput,
  run: RunContext,
  { approval }: SystemConfig,
  putAway: PutAway,
): Acceptance | undefined {
  if (acceptDifferences === undefined) return undefined;
  const accepted = { reason: acceptDifferences, by: requesterInWords(askedBy(run), 'en') };
  if (approval === undefined) return accepted;
  const requester = run.requester ?? 'unknown';
  const refusal =
    requester === 'unknown'
      ? { problem: 'nobody has proved who asks', why: 'ask by the operator API, which does' }
      : whyNotApprove(requester, putAway.requester, [], approval);
  if (refusal === undefined) return accepted;
  throw new LightsOutError(
    ErrorName.InvalidInput,
    `input.acceptDifferences: ${refusal.problem}; ${refusal.why}. Expected one of approval.principals in systems.ts who did not ask for the shutdown`,
  );
}
