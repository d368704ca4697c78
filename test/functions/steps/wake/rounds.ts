import { vi } from 'vitest';
import type {
  Confirmation,
  ServersStarted,
  StartupPlan,
} from '../../../../functions/contract/startup-state.ts';
import { fetchStoredParts } from '../../../../functions/runtime/run-state.ts';
import { handler, type WakeEvent } from '../../../../functions/steps/wake/handler.ts';
import { awsError, execution, system } from '../../fixtures.ts';
import { type StartupWorld, startupPlan, startupRun } from '../../startup-world.ts';

/** EC2 has no room for a server: a server error, which its own documentation says of the lack of capacity. */
export const NO_CAPACITY = awsError('InsufficientInstanceCapacity', 500, 'no m7g.large in eu-central-1a');

/** One round of starting servers, after data that were found equal. The answer of a large system comes whole. */
export async function round(
  previous?: ServersStarted,
  wake: StartupPlan = startupPlan(),
): Promise<ServersStarted> {
  const answer = await handler({
    action: 'servers',
    execution,
    state: {
      run: startupRun(),
      config: system(),
      wake,
      confirmation: { outcome: 'equal' } as Confirmation,
      ...(previous === undefined ? {} : { servers: previous }),
    },
  } as WakeEvent);
  return (await fetchStoredParts(answer)) as ServersStarted;
}

/** Calls again after the wait, as the workflow does. */
export function next(previous: ServersStarted, wake?: StartupPlan): Promise<ServersStarted> {
  vi.setSystemTime(Date.now() + previous.waitSeconds * 1000);
  return round(previous, wake);
}

/** Rounds until done. */
export async function untilDone(): Promise<ServersStarted> {
  let answer = await round();
  for (let rounds = 0; !answer.done && rounds < 200; rounds += 1) answer = await next(answer);
  return answer;
}

/** A plan with this many servers, all of them stopped. */
export function many(world: StartupWorld, count: number): StartupPlan {
  const servers = Array.from({ length: count }, (_, index) => ({
    name: `s-${index}`,
    instanceId: `i-${String(index).padStart(17, '0')}`,
    state: 'stopped',
    comesUp: true,
  }));
  world.servers = Object.fromEntries(servers.map(({ instanceId }) => [instanceId, 'stopped']));
  return startupPlan({ servers });
}
