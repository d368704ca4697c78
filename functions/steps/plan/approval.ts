import type { SystemConfig } from '../../contract/config.ts';
import type { Plan } from '../../contract/plan-state.ts';
import type { RunContext } from '../../contract/state.ts';
import { canBeApproved } from '../../guard/approvals.ts';
import { askedBy, requesterInWords } from '../../notices/requester.ts';

/** Can anybody approve? A run that waits for a yes that nobody can give would fail only when its time is up. */
export function lookAtApproval(
  run: Pick<RunContext, 'requester' | 'requestedBy' | 'dryRun'>,
  { approval }: Pick<SystemConfig, 'approval'>,
): Pick<Plan, 'reasons' | 'warnings'> {
  const requester = run.requester ?? 'unknown';
  if (approval === undefined || canBeApproved(requester, approval)) return { reasons: [], warnings: [] };
  const listed = approval.principals.join(', ');
  const reason =
    requester === 'unknown'
      ? {
          resource: 'approval',
          problem: `nobody has proved who asked for this run (it was started in the console or by its API), so two different people have to approve it; those of approval.principals count as one: ${listed}`,
          remedy:
            'start it through the operator API or by the schedule, or name another principal, or name the role in approval.pinnedSessionRoles when its trust policy pins sts:RoleSessionName',
        }
      : {
          resource: 'approval',
          problem: `${requesterInWords(askedBy(run), 'en')} asked for this run, and nobody of approval.principals is certainly another person: ${listed}`,
          remedy:
            'let somebody else ask, or name another principal, or name the role in approval.pinnedSessionRoles when its trust policy pins sts:RoleSessionName',
        };
  // A dry run needs no approval, and another person may request the run itself.
  return run.dryRun
    ? { reasons: [], warnings: [`a run like this would be refused: ${reason.problem}; ${reason.remedy}`] }
    : { reasons: [reason], warnings: [] };
}
