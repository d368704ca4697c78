import type { SystemConfig } from '../../contract/config.ts';
import { ErrorName, LightsOutError } from '../../contract/errors.ts';
import { sendNotice } from '../../notices/send.ts';
import { readConfiguration } from '../../runtime/configuration.ts';
import { defineStep } from '../../runtime/step.ts';
import { listRuns } from '../known-runs.ts';
import { livingHolder } from '../lock.ts';
import { sweepCopies } from './copies.ts';
import { keep, type Swept } from './outcome.ts';
import { type Retention, retainSnapshots } from './retention.ts';
import { Untold } from './untold-deletions.ts';
import { sweepVolumes } from './volumes.ts';

export interface TidyEvent {
  action: 'sweep' | 'retain';
  /** Only report what would be deleted. Default false. */
  dryRun?: boolean;
}

export type Tidied = Retention;

/** The most failures named in the error; the log has all of them. */
const NAMED_FAILURES = 5;

/**
 * Deletes the leftovers of runs (`sweep`: copies of the database and of volumes whose run is over), and snapshots that are no longer kept
 * (`retain`).
 *
 * Trigger: EventBridge Scheduler, every hour and every day; a person with `dryRun` to see what would be done. Nothing happens during a run.
 * Twice is harmless. A resource is deleted only if it carries this system's name and both tags and belongs to a run of the evidence.
 * Rejects with `DeletionFailed` after everything was tried: Lambda calls again, and a lasting failure raises the alarm WatchFailed.
 */
export const handler = defineStep('tidy', async ({ action, dryRun = false }: TidyEvent): Promise<Tidied> => {
  const config = await readConfiguration();
  const tidied: Tidied = { deleted: [], problems: [], failures: [], kept: [] };
  if ((await livingHolder(config.name)) !== undefined) return tidied;
  const runs = await listRuns(config.name);
  const untold = dryRun ? undefined : await Untold.of(config.name, action);
  for (const look of action === 'sweep' ? [sweepCopies, sweepVolumes] : [retainSnapshots]) {
    try {
      const found: Swept & Partial<Retention> = await look(config, runs, untold);
      tidied.deleted.push(...found.deleted);
      tidied.problems.push(...found.problems);
      tidied.failures.push(...found.failures);
      tidied.kept.push(...(found.kept ?? []));
    } catch (error) {
      // A failed look must not keep the other look, or the telling, from happening.
      keep(tidied, LOOKED_FOR[action], error);
    }
  }
  if (untold === undefined) return tidied;
  await tell(config, action, untold, tidied.problems);
  if (tidied.failures.length > 0) throw deletionFailed(tidied.failures);
  return tidied;
});

const LOOKED_FOR = { sweep: 'what runs have left behind', retain: 'old snapshots' } as const;

async function tell(
  config: SystemConfig,
  action: TidyEvent['action'],
  untold: Untold,
  problems: string[],
): Promise<void> {
  const [first] = untold.all;
  if (first === undefined) return;
  await sendNotice(
    config,
    {
      kind: action === 'sweep' ? 'swept' : 'retained',
      audience: 'operators',
      // The same resources are reported once, and again until a report arrives.
      occurrence: JSON.stringify(untold.all.map(({ name }) => name)),
      facts: {
        runId: first.runId,
        system: config.name,
        displayName: config.displayName,
        timeZone: config.timeZone,
        resources: untold.all.map(({ name, reason }) => ({ name, state: reason })),
        ...(problems.length === 0 ? {} : { problems }),
      },
    },
    { required: true },
  );
  await untold.told();
}

function deletionFailed(failures: string[]): LightsOutError {
  const more = failures.length - NAMED_FAILURES;
  return new LightsOutError(
    ErrorName.DeletionFailed,
    `${failures.slice(0, NAMED_FAILURES).join('; ')}${more > 0 ? `; and ${more} more` : ''}. Expected ${failures.length === 1 ? 'it' : 'them'} to be deleted: it is tried again; ` +
      'if it goes on failing, delete by hand what the error names, as docs/operations.md, "WatchFailed", says',
  );
}
