import type { SandboxServer, ServerWorld } from '../../world/servers/world.ts';
import { AwsError } from '../operation.ts';

/** Of every model server. It has no instance store. */
export const INSTANCE_TYPE = 'm7g.large';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
const CODES = { pending: 0, running: 16, stopping: 64, stopped: 80, terminated: 48 } as const;

/** A server's state as EC2 says it. */
export function instanceStateOf({ state }: SandboxServer): { Code: number; Name: SandboxServer['state'] } {
  return { Code: CODES[state], Name: state };
}

/** Changes a server's state and tells of it. */
export function setState(world: ServerWorld, server: SandboxServer, state: SandboxServer['state']): void {
  server.state = state;
  world.onState(server);
}

/** The servers of these ids. @throws AwsError for one that is none, or of none. */
export function findServers(world: ServerWorld, ids: readonly string[]): SandboxServer[] {
  return ids.map((id) => {
    if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id))
      throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
    const server = world.find(id);
    if (server === undefined)
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return server;
  });
}

/** ARNs of these instances. Default: of any. */
export function instanceArns(world: ServerWorld, ids: readonly string[] | undefined): string[] {
  const { partition, region, account } = world.options.deployment.account;
  return (ids ?? ['*']).map((id) => `arn:${partition}:ec2:${region}:${account}:instance/${id}`);
}
