import type { SystemConfig } from '../../contract/config.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Acceptance, ConfirmPlan, PlannedStart } from '../../contract/startup-state.ts';
import type { Intent } from '../../guard/intent.ts';
import type { PutAway } from './put-away.ts';

/** Servers in these states run nothing that could write. */
const STILL = new Set(['stopped', 'terminated', 'shutting-down', 'stopping']);

/** Whether the data are compared before servers start, and why not where they are not. */
export function confirmPlanOf({
  config,
  putAway,
  servers,
  confirmed,
  accept,
}: {
  config: SystemConfig;
  putAway: PutAway;
  servers: readonly PlannedStart[];
  confirmed: Intent['confirmed'];
  accept: Acceptance | undefined;
}): ConfirmPlan {
  const { shutdown } = putAway;
  const by = accept === undefined ? {} : { accept };
  if (shutdown === undefined)
    return { policy: 'none', why: 'no run has put the system away, so there is nothing to compare', ...by };
  // Servers that an earlier start-up had started may have written since: its comparison holds.
  if (confirmed !== undefined)
    return { policy: 'none', why: `run ${confirmed.by} did it at ${confirmed.at}`, ...by };
  const policy = config.startup.confirm ?? (shutdown.verified ? 'full' : 'none');
  if (policy === 'none')
    return {
      policy,
      why:
        config.startup.confirm === 'none'
          ? 'the configuration says not to (startup.confirm "none")'
          : `run ${shutdown.run} did not verify its backup, so there is nothing to compare with`,
      ...by,
    };
  if (!shutdown.verified)
    return {
      policy: 'impossible',
      why: `run ${shutdown.run} did not verify its backup, so there is nothing to compare with`,
      ...by,
    };
  const running = servers.filter(({ state }) => !STILL.has(state)).map(({ name }) => name);
  if (running.length > 0)
    return {
      policy: 'impossible',
      why: `server ${running.join(', ')} ran before the start-up, so what the database holds may have been written since`,
      ...by,
    };
  return { policy, manifestOf: EvidenceKey.sourceManifest(config.name, shutdown.run), ...by };
}
