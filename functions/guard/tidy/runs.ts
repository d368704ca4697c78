import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { EvidenceKey } from '../../contract/keys.ts';
import { isAwsError } from '../../runtime/aws-errors.ts';
import { sfn } from '../../runtime/clients.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/** A run is over for good when it ended so long ago, in milliseconds: until then its own roll back, or CleanUp, may be at work. */
const AGE = 2 * 3600_000;

/** A run whose plan names no execution, or whose execution runs or has just ended, is not over. */
export async function isOver(system: string, runId: string): Promise<boolean> {
  const plan = await readEvidence<{ run?: { executionArn?: string } }>(EvidenceKey.plan(system, runId));
  const executionArn = plan?.value.run?.executionArn;
  if (executionArn === undefined) return false;
  try {
    const { status, stopDate } = await sfn().send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE' || stopDate === undefined) return false;
    return Date.now() - stopDate.getTime() > AGE;
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist')) return true;
    throw error;
  }
}
