import {
  DescribeInstanceAttributeCommand,
  type DescribeInstanceAttributeCommandOutput,
  type Instance,
} from '@aws-sdk/client-ec2';
import { type InstancePatchState, paginateDescribeInstancePatchStates } from '@aws-sdk/client-ssm';
import { INSTANCES_A_CALL, onlineInstances } from '../../aws/commands.ts';
import { describeInstancesById } from '../../aws/servers/instances.ts';
import type { Server, SystemConfig } from '../../contract/config.ts';
import { defined } from '../../contract/defined.ts';
import type { PendingUpdate, PlannedServer, Reason } from '../../contract/plan-state.ts';
import { isPathOf } from '../../contract/server-names.ts';
import { shown } from '../../contract/shown.ts';
import { ec2, ssm } from '../../runtime/clients.ts';
import { ratePerSecond } from '../../runtime/pace.ts';
import type { Findings } from './findings.ts';

export interface ServerFindings extends Findings {
  servers: PlannedServer[];
}

/** Are the servers there, can they be stopped and started again, does their agent answer, which patches are missing? */
export async function lookAtServers(config: SystemConfig): Promise<ServerFindings> {
  const findings: ServerFindings = { servers: [], pendingUpdates: [], reasons: [], warnings: [] };
  const instances = await describeInstancesById(config.servers.map(({ instanceId }) => instanceId));
  const running = config.servers.filter(
    (server) => instances.get(server.instanceId)?.State?.Name === 'running',
  );
  const [online, patches] = await Promise.all([
    onlineInstances(running.map((server) => server.instanceId)),
    pendingPatches(running),
  ]);
  for (const server of config.servers) {
    const resource = `server ${server.name} (${server.instanceId})`;
    const instance = instances.get(server.instanceId);
    if (instance === undefined) {
      findings.reasons.push({
        resource,
        problem: 'EC2 does not know it in this account and Region',
        remedy: 'correct its instanceId in systems.ts',
      });
      continue;
    }
    const state = instance.State?.Name ?? 'unknown';
    findings.servers.push({
      name: server.name,
      instanceId: server.instanceId,
      platform: server.platform,
      state,
      ...defined({ publicAddress: instance.PublicIpAddress }),
    });
    findings.reasons.push(...(await whyNot(server, instance, resource, config)));
    if (state === 'stopped') findings.warnings.push(`${resource} is stopped already`);
    for (const address of addressesThatChange(instance))
      findings.warnings.push(
        `${resource}: its public address ${address} is given back at the stop, and the next start brings another one; use an Elastic IP if anything knows it by that address`,
      );
    if (state === 'running' && !online.has(server.instanceId) && needsAgent(server, config)) {
      findings.reasons.push({
        resource,
        problem: 'its SSM agent does not answer, and the run has commands for it',
        remedy: 'check that the agent is started and that instance profile and network let it reach SSM',
      });
    }
  }
  findings.pendingUpdates.push(...patches);
  return findings;
}

function needsAgent(server: Server, config: SystemConfig): boolean {
  return (
    config.services.some((service) => service.server === server.name) ||
    config.maintenance?.servers.includes(server.name) === true
  );
}

async function whyNot(
  server: Server,
  instance: Instance,
  resource: string,
  config: SystemConfig,
): Promise<Reason[]> {
  const reasons: Reason[] = [];
  const add = (problem: string, remedy: string): void => {
    reasons.push({ resource, problem, remedy });
  };
  const state = instance.State?.Name ?? 'unknown';
  const mayBeOff = state === 'stopped' && !needsAgent(server, config);
  if (state === 'pending')
    reasons.push({
      resource,
      problem: 'it is "pending", expected "running"',
      remedy: 'wait until it runs',
      passes: true,
    });
  else if (state !== 'running' && !mayBeOff)
    add(`it is "${state}", expected "running"`, 'start it, or take it and its services out of systems.ts');
  const platform = instance.Platform?.toLowerCase() === 'windows' ? 'windows' : 'linux';
  if (platform !== server.platform)
    add(`it runs ${platform}, systems.ts says ${server.platform}`, 'correct its platform in systems.ts');
  const { maintenance } = config;
  if (maintenance?.servers.includes(server.name) === true && !isPathOf(maintenance.flagFile, platform))
    add(
      `maintenance.flagFile ${shown(maintenance.flagFile)} is no path of ${platform}`,
      'correct it in systems.ts: one path for all servers of maintenance.servers',
    );
  const group = instance.Tags?.find((tag) => tag.Key === 'aws:autoscaling:groupName')?.Value;
  if (group !== undefined) {
    add(
      `it belongs to Auto Scaling group ${group}, which replaces a stopped server`,
      'detach it from the group, which otherwise terminates it as unhealthy',
    );
  }
  if (instance.RootDeviceType === 'instance-store')
    add(
      'its root volume is an instance store: it cannot be stopped and its data would be lost',
      'move it to an EBS-backed instance',
    );
  if (instance.InstanceLifecycle === 'spot')
    add('it is a Spot Instance', 'use an On-Demand Instance for a server that must come back');
  if (state === 'running') {
    const [behaviour, protection] = await Promise.all([
      attribute(server, 'instanceInitiatedShutdownBehavior'),
      attribute(server, 'disableApiStop'),
    ]);
    if (behaviour.InstanceInitiatedShutdownBehavior?.Value === 'terminate') {
      add(
        'its shutdown behaviour is "terminate": a shutdown from inside would delete it',
        'set it to "stop"',
      );
    }
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-stop-protection.html: StopInstances is refused while it is on.
    if (protection.DisableApiStop?.Value === true) {
      add(
        'its stop protection is on, so EC2 would refuse to stop it',
        'switch it off (aws ec2 modify-instance-attribute --no-disable-api-stop), or take it out of systems.ts',
      );
    }
  }
  return reasons;
}

/**
 * EC2 answers one attribute a call. An account has 100 calls at once and 20 more each second, shared with all its users:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. So 500 servers take one of the function's two minutes.
 */
const turn = ratePerSecond({ atOnce: 60, perSecond: 15 });

async function attribute(
  { instanceId }: Server,
  Attribute: 'instanceInitiatedShutdownBehavior' | 'disableApiStop',
): Promise<DescribeInstanceAttributeCommandOutput> {
  await turn();
  return ec2().send(new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute }));
}

/**
 * EC2 takes a public IPv4 address back when the instance stops, and gives another one at the next start. An Elastic IP stays:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#concepts-public-addresses
 */
function addressesThatChange({ NetworkInterfaces = [] }: Instance): string[] {
  return NetworkInterfaces.flatMap(({ Association }) =>
    Association?.IpOwnerId === 'amazon' && Association.PublicIp !== undefined ? [Association.PublicIp] : [],
  );
}

async function pendingPatches(servers: Server[]): Promise<PendingUpdate[]> {
  const updates: PendingUpdate[] = [];
  for (let first = 0; first < servers.length; first += INSTANCES_A_CALL) {
    const asked = servers.slice(first, first + INSTANCES_A_CALL);
    const pages = paginateDescribeInstancePatchStates(
      { client: ssm() },
      { InstanceIds: asked.map((server) => server.instanceId) },
    );
    for await (const page of pages) {
      updates.push(...(page.InstancePatchStates ?? []).flatMap((state) => toUpdate(state, asked)));
    }
  }
  return updates;
}

/** The findings of Patch Manager's last scan. A server that was never scanned has none. */
function toUpdate(state: InstancePatchState, servers: Server[]): PendingUpdate[] {
  const server = servers.find((candidate) => candidate.instanceId === state.InstanceId);
  const parts = [
    { count: state.MissingCount ?? 0, what: 'missing' },
    { count: state.FailedCount ?? 0, what: 'failed' },
    { count: state.InstalledPendingRebootCount ?? 0, what: 'waiting for a reboot' },
  ].filter(({ count }) => count > 0);
  if (server === undefined || parts.length === 0) return [];
  const description = parts.map(({ count, what }) => `${count} ${what}`).join(', ');
  return [{ resource: `server ${server.name}`, kind: 'patches', description }];
}
