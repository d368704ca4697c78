import { findExecution, isUnderWay } from '../../aws/executions.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/** A run is over for good when it ended so long ago, in milliseconds: until then its own roll back, or CleanUp, may be at work. */
const AGE = 2 * 3600_000;

/** A run whose plan names no execution, or whose execution runs or has just ended, is not over. */
export async function isOver(system: string, runId: string): Promise<boolean> {
  const plan = await readEvidence<{ run?: { executionArn?: string } }>(EvidenceKey.plan(system, runId));
  const executionArn = plan?.value.run?.executionArn;
  if (executionArn === undefined) return false;
  const execution = await findExecution(executionArn);
  if (execution === undefined) return true;
  const { stopDate } = execution;
  return !isUnderWay(execution) && stopDate !== undefined && Date.now() - stopDate.getTime() > AGE;
}
