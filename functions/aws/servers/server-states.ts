import type { SystemConfig } from '../../contract/config.ts';
import { describeInstancesById } from './instances.ts';

/** The states of the system's servers by name, in the words of EC2. A server that EC2 does not list counts as terminated. */
export async function serverStates(config: SystemConfig): Promise<Map<string, string>> {
  const found = await describeInstancesById(config.servers.map(({ instanceId }) => instanceId));
  return new Map(
    config.servers.map(({ name, instanceId }) => [name, found.get(instanceId)?.State?.Name ?? 'terminated']),
  );
}
