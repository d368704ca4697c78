import { defined } from '../../contract/defined.ts';
import type { HealthEvidence } from '../../contract/health-state.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { CleanedUp } from '../../contract/recovery.ts';
import type { ReachedStartup, ServerStarted, StartupOutcome } from '../../contract/startup-state.ts';
import type { Failure, RunContext } from '../../contract/state.ts';
import type { TimelineStep } from '../../contract/timeline.ts';
import type { ConfirmationEvidence } from '../../databases/confirmation.ts';
import { VERSION } from '../../runtime/version.ts';
import type { ResourceState } from '../resources.ts';

/** The evidence of a start-up: what came back, whether it is what was put away, and when users were let in. Names, counts and hashes only. */
export interface StartupCertificate {
  /** Version of Lights Out that closed the run; the configuration's version is `run.configuration`. */
  version: string;
  action: 'startup';
  run: RunContext;
  outcome: StartupOutcome;
  failure?: Failure;
  cleanedUp?: CleanedUp;
  closedAt: string;
  /** The return time that users were told. */
  promise?: string;
  /** When the doors opened. Absent while they are shut. */
  openedAt?: string;
  /** Seconds from the promise to the opening; negative when it was kept. */
  lateSeconds?: number;
  /** The shutdown that this start-up ends, with the key of its certificate. */
  shutdown?: { run: string; verified: boolean; outAt?: string; certificate: string };
  /** Seconds for which users were kept out, where the shutdown's record says since when. */
  awaySeconds?: number;
  confirmation?: Omit<ConfirmationEvidence, 'shutdown' | 'endedAt' | 'comparison'>;
  servers: ServerStarted[];
  /** The health checks as they were seen last. Absent where none was made. */
  health?: HealthEvidence['checks'];
  resources: ResourceState[];
  steps: TimelineStep[];
  warnings: string[];
  /** Parts of the closing that failed. */
  problems: string[];
}

export function startupCertificate({
  run,
  state,
  outcome,
  cleanedUp,
  resources,
  steps,
  compared,
  health,
  problems,
}: {
  run: RunContext;
  state: ReachedStartup;
  outcome: StartupOutcome;
  cleanedUp: CleanedUp | undefined;
  resources: ResourceState[];
  steps: TimelineStep[];
  /** What the comparison left in the evidence. A run that ended in it has it only there. */
  compared: ConfirmationEvidence | undefined;
  health: HealthEvidence | undefined;
  problems: string[];
}): StartupCertificate {
  const { wake, opened } = state;
  const openedAt = opened?.done === true ? opened.at : undefined;
  const since = (from: string | undefined): number | undefined =>
    from === undefined || openedAt === undefined
      ? undefined
      : Math.round((Date.parse(openedAt) - Date.parse(from)) / 1000);
  return {
    version: VERSION,
    action: 'startup',
    run,
    outcome,
    ...defined({ failure: state.failure, cleanedUp }),
    closedAt: new Date(Date.now()).toISOString(),
    ...defined({
      promise: run.backAt,
      openedAt,
      lateSeconds: since(run.backAt),
      awaySeconds: since(wake?.shutdown?.outAt),
      confirmation: confirmationOf(compared),
    }),
    ...(wake?.shutdown === undefined
      ? {}
      : {
          shutdown: {
            ...wake.shutdown,
            certificate: EvidenceKey.certificate(run.system, wake.shutdown.run),
          },
        }),
    servers: state.servers?.servers ?? [],
    ...defined({ health: health?.checks }),
    resources,
    steps,
    warnings: [...(wake?.warnings ?? []), ...newAddresses(state)],
    problems,
  };
}

/** Whoever knows a server by its old address does not find it any more. */
function newAddresses({ wake, servers }: ReachedStartup): string[] {
  return (servers?.servers ?? []).flatMap(({ name, newAddress }) => {
    if (newAddress === undefined) return [];
    const before = wake?.servers.find((server) => server.name === name)?.publicAddress ?? 'unknown';
    return [`server ${name} has another public address: ${newAddress} (before the shutdown: ${before})`];
  });
}

function confirmationOf(
  compared: ConfirmationEvidence | undefined,
): StartupCertificate['confirmation'] | undefined {
  if (compared === undefined) return undefined;
  const { shutdown: _run, endedAt: _ended, comparison: _all, ...kept } = compared;
  return kept;
}
