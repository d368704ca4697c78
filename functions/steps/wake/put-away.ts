import type { Service } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import { EvidenceKey } from '../../contract/keys.ts';
import type { Plan } from '../../contract/plan-state.ts';
import type { Requester } from '../../contract/principal.ts';
import type { ServiceState } from '../../contract/progress.ts';
import type { StartupPlan } from '../../contract/startup-state.ts';
import type { Intent } from '../../guard/intent.ts';
import { readEvidence } from '../../runtime/evidence.ts';

/** What the evidence of a shutdown says about the system as it was before. */
export interface PutAway {
  shutdown: StartupPlan['shutdown'];
  /** The return time that users were told, ISO 8601. */
  backAt?: string;
  /** Who asked for that shutdown. */
  requester: Requester;
  /** Servers that were off before the shutdown. */
  serversOff: ReadonlySet<string>;
  /** Public addresses before the shutdown, by the server's name. */
  addresses: ReadonlyMap<string, string>;
  /** Whether a service comes up again: it ran, or was down by a fault. A service that somebody had stopped stays down. */
  belongsUp(service: Pick<Service, 'name' | 'server'>): boolean;
}

/** The parts of the shutdown's certificate that a start-up needs. */
interface Certified {
  run: { requester?: Requester; backAt?: string };
  snapshot?: { verified: boolean };
  outAt?: string;
}

/**
 * Reads the record of the shutdown that put the system away, or of one that began and came to no good end: of that only what ran before it.
 * Without either, everything in the configuration comes up.
 */
export async function readPutAway(
  system: string,
  mark: Pick<Intent, 'run' | 'begun'> | undefined,
): Promise<PutAway> {
  const run = mark?.run?.id;
  const recorded = run ?? mark?.begun;
  if (recorded === undefined)
    return {
      shutdown: undefined,
      requester: 'unknown',
      serversOff: new Set(),
      addresses: new Map(),
      belongsUp: () => true,
    };
  const [certificate, before, planned] = await Promise.all([
    readEvidence<Certified>(EvidenceKey.certificate(system, recorded)),
    readEvidence<ServiceState[]>(EvidenceKey.servicesBefore(system, recorded)),
    readEvidence<{ plan?: Plan }>(EvidenceKey.plan(system, recorded)),
  ]);
  const services = new Map(before?.value.map((state) => [`${state.server}/${state.name}`, state.state]));
  const servers = planned?.value.plan?.servers ?? [];
  return {
    shutdown:
      run === undefined
        ? undefined
        : {
            run,
            verified: certificate?.value.snapshot?.verified === true,
            ...defined({ outAt: certificate?.value.outAt }),
          },
    ...defined({ backAt: certificate?.value.run.backAt }),
    requester: certificate?.value.run.requester ?? 'unknown',
    serversOff: new Set(servers.filter(({ state }) => state === 'stopped').map(({ name }) => name)),
    addresses: new Map(
      servers.flatMap(({ name, publicAddress }) =>
        publicAddress === undefined ? [] : [[name, publicAddress] as const],
      ),
    ),
    belongsUp: ({ name, server }) => services.get(`${server}/${name}`) !== 'inactive',
  };
}
