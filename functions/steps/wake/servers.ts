import {
  type InstanceStatus,
  paginateDescribeInstanceStatus,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { onlineInstances } from '../../aws/commands.ts';
import { describeInstancesById } from '../../aws/servers/instances.ts';
import { DEADLINE_SECONDS } from '../../contract/deadlines.ts';
import { defined } from '../../contract/defined.ts';
import { messageOf } from '../../contract/errors.ts';
import { lookAgainIn } from '../../contract/pacing.ts';
import type { ServerStarted, ServersStarted, StartupState } from '../../contract/startup-state.ts';
import type { ExecutionReference } from '../../contract/state.ts';
import { noteConfirmed } from '../../guard/intent.ts';
import { requireLock } from '../../guard/lock.ts';
import { awsErrorName, isAwsRefusal, translateAwsError } from '../../runtime/aws-errors.ts';
import { ec2 } from '../../runtime/clients.ts';
import { log } from '../../runtime/log.ts';
import { elapsed } from '../../runtime/step.ts';

type WakingState = Pick<StartupState, 'run' | 'wake' | 'confirmation' | 'servers'>;

const POLL_SECONDS = 15;

/** Servers that one call starts: as many as a stop (`functions/steps/servers`), for the same limits. */
const SERVERS_A_START = 50;

/** Pauses between two tries to start one server, in seconds: they double up to the last. */
const FIRST_PAUSE_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 600;

/** From these states a server does not come back: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
const GONE = new Set(['terminated', 'shutting-down', 'not found']);

/** EC2 takes at most this many ids: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html */
const IDS_A_CALL = 100;

/**
 * One round of starting the servers. A server is ready when EC2 says `running`, both of its status checks have passed and its SSM agent
 * answers. A start that EC2 refuses (no capacity, for example) is tried again with growing pauses. A server that is not ready at the
 * deadline is named, and the others go on.
 *
 * @throws LightsOutError `LockLost`.
 */
export async function startServers(
  execution: ExecutionReference,
  { run, wake, confirmation, servers: previous }: WakingState,
): Promise<ServersStarted> {
  const { since, seconds } = elapsed(previous);
  // Noted before the first start: from then on services may write, and no later start-up can compare any more.
  if (previous === undefined) await keepConfirmation(run, wake, confirmation);
  const wanted = wake.servers.filter(({ comesUp }) => comesUp);
  const ids = wanted.map(({ instanceId }) => instanceId);
  const instances = await describeInstancesById(ids);
  const running = ids.filter((id) => instances.get(id)?.State?.Name === 'running');
  const [checks, online] = await Promise.all([statusChecks(running), onlineInstances(running)]);
  const now = Date.now();
  const before = new Map(previous?.servers.map((server) => [server.name, server]));
  const servers = wanted.map(({ name, instanceId, publicAddress }): ServerStarted => {
    const instance = instances.get(instanceId);
    const state = instance?.State?.Name ?? 'not found';
    const { tries = 0, nextTryAt, refusal } = before.get(name) ?? {};
    const kept = { name, instanceId, state, tries, ...defined({ nextTryAt, refusal }) };
    if (state !== 'running') {
      // "The reason for the most recent state transition" (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html): a refused
      // start is none, so after one the reason is still that of the stop.
      const reason = tries > 0 && state === 'stopped' ? instance?.StateReason?.Message : undefined;
      return { ...kept, ready: false, problem: problemOf(state, refusal ?? reason) };
    }
    const open = whyNotReady(checks.get(instanceId), online.has(instanceId));
    if (open !== undefined) return { ...kept, ready: false, problem: open };
    const address = instance?.PublicIpAddress;
    const isNew = publicAddress !== undefined && address !== undefined && address !== publicAddress;
    return { ...kept, ready: true, ...(isNew ? { newAddress: address } : {}) };
  });
  const toStart = servers.filter(
    ({ state, nextTryAt }) =>
      state === 'stopped' && (nextTryAt === undefined || Date.parse(nextTryAt) <= now),
  );
  if (seconds > DEADLINE_SECONDS.serversStart || servers.every(isDecided))
    return { done: true, waitSeconds: 0, since, servers };
  if (toStart.length > 0) {
    await requireLock(run.system, execution.id);
    for (const server of toStart) {
      server.tries += 1;
      const pause = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (server.tries - 1));
      server.nextTryAt = new Date(now + pause * 1000).toISOString();
    }
    for (let first = 0; first < toStart.length; first += SERVERS_A_START)
      await requestStart(toStart.slice(first, first + SERVERS_A_START));
  }
  return { done: false, waitSeconds: lookAgainIn(POLL_SECONDS, seconds), since, servers };
}

async function keepConfirmation(
  run: WakingState['run'],
  { shutdown }: WakingState['wake'],
  confirmation: WakingState['confirmation'],
): Promise<void> {
  const outcome = confirmation?.outcome;
  if (shutdown === undefined || (outcome !== 'equal' && outcome !== 'accepted')) return;
  await noteConfirmed(run.system, shutdown.run, {
    by: run.id,
    at: new Date(Date.now()).toISOString(),
    ...(outcome === 'accepted' ? { accepted: true } : {}),
  });
}

const isDecided = ({ ready, state }: ServerStarted): boolean => ready || GONE.has(state);

function problemOf(state: string, known: string | undefined): string {
  if (GONE.has(state)) return `it is "${state}": EC2 does not start it any more`;
  return known ?? `it is "${state}"`;
}

/** What is missing on a running server. Undefined when it is ready. */
function whyNotReady(status: InstanceStatus | undefined, isOnline: boolean): string | undefined {
  const system = status?.SystemStatus?.Status ?? 'not reported';
  const instance = status?.InstanceStatus?.Status ?? 'not reported';
  if (system !== 'ok' || instance !== 'ok')
    return `its status checks have not passed (system: ${system}, instance: ${instance})`;
  return isOnline ? undefined : 'its SSM agent does not answer yet';
}

async function statusChecks(ids: string[]): Promise<Map<string, InstanceStatus>> {
  const found = new Map<string, InstanceStatus>();
  for (let first = 0; first < ids.length; first += IDS_A_CALL) {
    const InstanceIds = ids.slice(first, first + IDS_A_CALL);
    for await (const page of paginateDescribeInstanceStatus({ client: ec2() }, { InstanceIds }))
      for (const status of page.InstanceStatuses ?? [])
        if (status.InstanceId !== undefined) found.set(status.InstanceId, status);
  }
  return found;
}

/**
 * Starts several servers by one call. If EC2 refuses the call because of one server, each half is tried by itself, so that the others
 * start: EC2 starts none of a call's servers when it lacks the capacity for one. A server that is refused alone keeps why.
 */
async function requestStart(servers: ServerStarted[]): Promise<void> {
  try {
    await ec2().send(new StartInstancesCommand({ InstanceIds: servers.map(({ instanceId }) => instanceId) }));
    for (const server of servers) delete server.refusal;
  } catch (error) {
    // EC2 answers the lack of capacity as a server error (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), so it
    // has to be told from an outage. An outage, throttling and a missing permission concern every server: the workflow has them.
    const lacksCapacity = awsErrorName(error)?.startsWith('Insufficient') === true;
    const isOfAServer = isAwsRefusal(error) && translateAwsError(error) === error;
    if (!lacksCapacity && !isOfAServer) throw error;
    const [only, ...others] = servers;
    if (only === undefined) return;
    if (others.length === 0) {
      log('warn', 'wake: a start was refused; it is tried again', {
        server: only.name,
        reason: messageOf(error),
      });
      only.refusal = `EC2 refused to start it (${awsErrorName(error) ?? 'unknown'}: ${messageOf(error)})`;
      only.problem = only.refusal;
      return;
    }
    const half = Math.ceil(servers.length / 2);
    await requestStart(servers.slice(0, half));
    await requestStart(servers.slice(half));
  }
}
