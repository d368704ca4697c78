import type { DatabaseWorld } from '../world/database/world.ts';
import type { FaultInjector } from '../world/fault-injection.ts';
import type { WorldFault } from '../world/faults.ts';
import type { ServerWorld } from '../world/servers/world.ts';
import { CrmWeb, HANG_MILLISECONDS } from '../world/web/crm-web.ts';
import { HealthFaults } from '../world/web/health-faults.ts';
import type { Machinery } from './machinery.ts';

/** How long the others that a function asks side by side may take to answer, in milliseconds of real time. */
const OTHERS_ANSWER_MILLISECONDS = 1_000;

interface World {
  machinery: Machinery;
  servers: ServerWorld;
  databases: DatabaseWorld;
  injector: FaultInjector;
  faults: readonly WorldFault[];
  onFault(name: WorldFault['world']): void;
}

/** Lets the web servers, ports and programs of the health checks answer for this world. */
export function addHealth({ machinery, servers, databases, injector, faults, onFault }: World): void {
  const { health: checks } = machinery.deployment.config.startup;
  const health = new HealthFaults({ checks, faults, onFault, isLifted: () => injector.isLifted });
  servers.health.faults = health;
  const onHang = (): void => {
    // All time-outs of the function fire together: the others' answers come in before.
    setTimeout(
      () => machinery.function('health')?.pass(HANG_MILLISECONDS),
      OTHERS_ANSWER_MILLISECONDS,
    ).unref();
  };
  machinery.web.use(new CrmWeb({ servers, databases, faults: health, onHang }));
}
