import type { SystemConfig } from '../../contract/config.ts';
import { describeInstancesById } from './instances.ts';

/** How the system's servers are, by name, as EC2 says it. What EC2 no longer lists was terminated some time ago. */
export async function serverStates(config: SystemConfig): Promise<Map<string, string>> {
  const found = await describeInstancesById(config.servers.map(({ instanceId }) => instanceId));
  return new Map(
    config.servers.map(({ name, instanceId }) => [name, found.get(instanceId)?.State?.Name ?? 'terminated']),
  );
}
