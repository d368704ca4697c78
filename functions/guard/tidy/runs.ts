import { findExecution, isUnderWay } from '../../aws/executions.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/**
 * How long ago an execution must have ended before its run counts as over, in milliseconds. Until then its roll back or CleanUp may be at
 * work.
 */
const AGE = 2 * 3600_000;

/** A run is not over if its plan names no execution, or if its execution runs or has just ended. */
export async function isOver(system: string, runId: string): Promise<boolean> {
  const plan = await readEvidence<{ run?: { executionArn?: string } }>(EvidenceKey.plan(system, runId));
  const executionArn = plan?.value.run?.executionArn;
  if (executionArn === undefined) return false;
  const execution = await findExecution(executionArn);
  if (execution === undefined) return true;
  const { stopDate } = execution;
  return !isUnderWay(execution) && stopDate !== undefined && Date.now() - stopDate.getTime() > AGE;
}
