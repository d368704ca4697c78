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
  /** Only say what would be deleted. Default false. */
  dryRun?: boolean;
}

export type Tidied = Retention;

/** Failures named in the error; all of them stand in the log. */
const NAMED_FAILURES = 5;

/**
 * Deletes what a run has left behind (`sweep`: copies of the database and of volumes whose run is over), and snapshots that are no longer kept (`retain`).
 *
 * Trigger: EventBridge Scheduler, every hour and every day; by hand with `dryRun` to see what would be done. Nothing happens while a run is in
 * progress. Twice is harmless. Only what carries this system's name, both tags, and belongs to a run of the evidence is ever deleted.
 * Rejects with `DeletionFailed` once all was tried: Lambda calls it again, and what fails to the end raises the alarm WatchFailed.
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
      // One look that fails keeps neither the other nor the telling.
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
      // The same things are told once, and told again until they are.
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
