import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { sfn } from '../shared/aws/clients.ts';
import { isAwsError } from '../shared/aws/errors.ts';
import { readEvidence } from '../shared/aws/evidence.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { EvidenceKey, resourceName } from '../shared/contract/keys.ts';
import type { FoundCopy } from '../shared/database-kinds/kind.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import { log } from '../shared/log.ts';
import { hasTags } from '../shared/ownership.ts';
import type { KnownRun } from './runs.ts';

export interface Deleted {
  runId: string;
  /** `test instance lights-out-crm-…`. */
  name: string;
  reason: string;
}

export interface Swept {
  deleted: Deleted[];
  /** What was found and not deleted, a sentence each. */
  problems: string[];
}

/** A run is over for good when it ended so long ago, in milliseconds: until then its own roll back, or CleanUp, may be at work. */
const AGE = 2 * 3600_000;

/** What is older was looked at for so long that it is somebody's business, in milliseconds. */
const OLDEST = 30 * 24 * 3600_000;

/** Asks for the deletion of every copy whose run is over; the next hour looks whether it is gone. */
export async function sweepCopies(config: SystemConfig, runs: KnownRun[], dryRun: boolean): Promise<Swept> {
  const swept: Swept = { deleted: [], problems: [] };
  for (const run of runs) {
    if (Date.now() - run.startedAt > OLDEST) break;
    const identifier = resourceName(config.name, run.id);
    try {
      const copy = await kindOf(config).findCopy(identifier);
      if (copy === undefined || copy.status === 'deleting' || !(await isOver(config.name, run.id))) continue;
      requireOwn(config, run.id, copy);
      if (!dryRun) await kindOf(config).requestCopyDeletion(copy);
      swept.deleted.push({
        runId: run.id,
        name: `test instance ${identifier}`,
        reason: `was "${copy.status}", its run is over`,
      });
    } catch (error) {
      // One that cannot be deleted keeps no other.
      log('error', 'tidy: a copy could not be swept', { identifier, reason: messageOf(error) });
      swept.problems.push(`test instance ${identifier}: ${messageOf(error)}`);
    }
  }
  return swept;
}

/** A run whose plan names no execution, or whose execution runs or has just ended, is not over. */
async function isOver(system: string, runId: string): Promise<boolean> {
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

/** As the step itself: name and both tags of each part must say that it is this run's copy, and never the CRM's own database. */
function requireOwn(config: SystemConfig, runId: string, copy: FoundCopy): void {
  const source = config.database.identifier.toLowerCase();
  const own =
    copy.identifier.toLowerCase() === resourceName(config.name, runId) &&
    copy.parts.length > 0 &&
    copy.parts.every(
      (part) => part.identifier.toLowerCase() !== source && hasTags(part.tags, config.name, runId),
    );
  if (!own)
    throw new Error(
      `it does not carry the tags of run ${runId}, so it is not deleted; expected lights-out:run=${runId}: look at it and delete it by hand if it is a test instance`,
    );
}
