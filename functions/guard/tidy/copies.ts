import { hasTags } from '../../aws/ownership.ts';
import type { FoundCopy } from '../../aws/rds/kind.ts';
import { databaseKindOf } from '../../aws/rds/kinds.ts';
import type { SystemConfig } from '../../contract/config.ts';
import { resourceName } from '../../contract/keys.ts';
import type { KnownRun } from '../known-runs.ts';
import { keep, LeftAlone, type Swept } from './outcome.ts';
import { isOver } from './runs.ts';
import type { Untold } from './untold-deletions.ts';

/** Age, in milliseconds, from which a leftover is left to a person: it was looked at every hour until then. */
const OLDEST = 30 * 24 * 3600_000;

/**
 * Requests the deletion of every copy whose run is over; the next hourly call looks whether it is gone. @param untold undefined: only
 * report what would be deleted.
 */
export async function sweepCopies(
  config: SystemConfig,
  runs: KnownRun[],
  untold: Untold | undefined,
): Promise<Swept> {
  const swept: Swept = { deleted: [], problems: [], failures: [] };
  const kind = databaseKindOf(config);
  for (const run of runs) {
    if (Date.now() - run.startedAt > OLDEST) break;
    const identifier = resourceName(config.name, run.id);
    const name = `test instance ${identifier}`;
    try {
      const copy = await kind.findCopy(identifier);
      const isThere = copy !== undefined && copy.status !== 'deleting';
      await untold?.seen((note) => note.name === name, isThere ? [name] : []);
      if (!isThere || !(await isOver(config.name, run.id))) continue;
      requireOwn(config, run.id, copy);
      const what = { runId: run.id, name, reason: `was "${copy.status}", its run is over` };
      const request = (): Promise<void> => kind.requestCopyDeletion(copy);
      const isStillThere = async (): Promise<boolean> => {
        const now = await kind.findCopy(identifier);
        return now !== undefined && now.status !== 'deleting';
      };
      if (untold === undefined || (await untold.delete({ what, request, isThere: isStillThere })))
        swept.deleted.push(what);
    } catch (error) {
      keep(swept, name, error);
    }
  }
  return swept;
}

/** As in the restore step: name and both tags of each part must show this run's copy, and never the CRM's own database. */
function requireOwn(config: SystemConfig, runId: string, copy: FoundCopy): void {
  const source = config.database.identifier.toLowerCase();
  const own =
    copy.identifier.toLowerCase() === resourceName(config.name, runId) &&
    copy.parts.length > 0 &&
    copy.parts.every(
      (part) => part.identifier.toLowerCase() !== source && hasTags(part.tags, config.name, runId),
    );
  if (!own)
    throw new LeftAlone(
      `it does not carry the tags of run ${runId}, so it is not deleted; expected lights-out:run=${runId}: look at it and delete it by hand if it is a test instance`,
    );
}
