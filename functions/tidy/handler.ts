import { readConfiguration } from '../shared/configuration.ts';
import type { SystemConfig } from '../shared/contract/config.ts';
import { listRuns } from '../shared/known-runs.ts';
import { livingHolder } from '../shared/lock.ts';
import { sendNotice } from '../shared/notices/send.ts';
import { defineStep } from '../shared/step.ts';
import { type Swept, sweepCopies } from './copies.ts';
import { type Retention, retainSnapshots } from './retention.ts';
import { sweepVolumes } from './volumes.ts';

export interface TidyEvent {
  action: 'sweep' | 'retain';
  /** Only say what would be deleted. Default false. */
  dryRun?: boolean;
}

export type Tidied = Swept & Retention;

const NOTHING: Tidied = { deleted: [], problems: [], kept: [] };

/**
 * Deletes what a run has left behind (`sweep`: copies of the database and of volumes whose run is over), and snapshots that are no longer kept (`retain`).
 *
 * Trigger: EventBridge Scheduler, every hour and every day; by hand with `dryRun` to see what would be done. Nothing happens while a run is in
 * progress. Twice is harmless. Only what carries this system's name, both tags, and belongs to a run of the evidence is ever deleted.
 */
export const handler = defineStep('tidy', async ({ action, dryRun = false }: TidyEvent): Promise<Tidied> => {
  const config = await readConfiguration();
  if ((await livingHolder(config.name)) !== undefined) return NOTHING;
  const runs = await listRuns(config.name);
  const tidied: Tidied = { deleted: [], problems: [], kept: [] };
  for (const look of action === 'sweep' ? [sweepCopies, sweepVolumes] : [retainSnapshots]) {
    const found: Swept & Partial<Retention> = await look(config, runs, dryRun);
    // At once: should the next look fail, this one is told all the same.
    if (!dryRun && found.deleted.length > 0) await tell(config, action, found);
    tidied.deleted.push(...found.deleted);
    tidied.problems.push(...found.problems);
    tidied.kept.push(...(found.kept ?? []));
  }
  return tidied;
});

async function tell(
  config: SystemConfig,
  action: TidyEvent['action'],
  { deleted, problems }: Swept,
): Promise<void> {
  await sendNotice(
    config,
    action === 'sweep' ? 'swept' : 'retained',
    {
      runId: deleted[0]?.runId ?? '-',
      system: config.name,
      displayName: config.displayName,
      timeZone: config.timeZone,
      resources: deleted.map(({ name, reason }) => ({ name, state: reason })),
      ...(problems.length === 0 ? {} : { problems }),
    },
    config.notices.operators,
  );
}
