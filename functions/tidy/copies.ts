import type { SystemConfig } from '../shared/contract/config.ts';
import { messageOf } from '../shared/contract/errors.ts';
import { resourceName } from '../shared/contract/keys.ts';
import type { FoundCopy } from '../shared/database-kinds/kind.ts';
import { kindOf } from '../shared/database-kinds/kinds.ts';
import type { KnownRun } from '../shared/known-runs.ts';
import { log } from '../shared/log.ts';
import { hasTags } from '../shared/ownership.ts';
import { isOver } from './runs.ts';

export interface Deleted {
  runId: string;
  /** `test instance lights-out-crm-…`, `test volume vol-…`. */
  name: string;
  reason: string;
}

export interface Swept {
  deleted: Deleted[];
  /** What was found and not deleted, a sentence each. */
  problems: string[];
}

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
