import { byHand as byHandOf } from '../aws/rds/manual-commands.ts';
import { USABLE } from '../aws/rds/status.ts';
import type { SystemConfig } from '../contract/config.ts';
import type { Outcome } from '../contract/state.ts';
import type { Words } from '../notices/words.ts';
import { resourceInChinese, stateInChinese } from '../notices/words-zh.ts';
import { isTouched, lostLock, type ReachedState } from './outcome.ts';
import { NOT_SEEN, NOT_THERE, type ResourceState } from './resources.ts';

/** Something that a person has to do or to look at after the run. */
export interface Attention {
  kind: 'still-on' | 'still-off' | 'not-seen' | 'test-instance' | 'test-volume' | 'maintenance';
  /** `server web-1` … as in the list of resources. */
  resource: string;
  /** As its service says it. */
  state: string;
  /** The command that does it by hand, if there is one. */
  command?: string;
}

export function isOn({ kind, state }: ResourceState): boolean {
  if (kind === 'database' || kind === 'test instance') return USABLE.has(state);
  return state === (kind === 'server' ? 'running' : 'active');
}

export function isSeen({ state }: ResourceState): boolean {
  return !state.startsWith(NOT_SEEN) && state !== 'unknown';
}

/**
 * Finds resources that are not as the outcome promises. After a shutdown everything is off. After any other run that touched the CRM
 * everything is on. No run leaves a test instance.
 * A run that touched nothing promises nothing of the CRM: it stopped none of the resources that are down. A run that lost its lock promises
 * nothing either: the CRM belongs to others.
 */
export function attentionOf(facts: {
  config: SystemConfig;
  state: ReachedState;
  outcome: Outcome;
  resources: ResourceState[];
}): Attention[] {
  const { state, outcome, resources } = facts;
  const goal = goalOf(outcome, state);
  return resources.flatMap((resource): Attention[] => {
    const found = { resource: resource.name, state: resource.state };
    if (resource.kind === 'test instance') {
      if (resource.state === NOT_THERE) return [];
      if (!isSeen(resource)) return isTouched(state) ? [{ kind: 'not-seen', ...found }] : [];
      return [
        {
          kind: 'test-instance',
          ...found,
          command: byHandOf(facts.config).deleteCopy(resource.name.replace('test instance ', '')),
        },
      ];
    }
    if (resource.kind === 'test volume') return testVolumeLeft(resource, state);
    if (goal === undefined) return [];
    if (resource.kind === 'maintenance') {
      return goal === 'on' && resource.state === 'on' ? [{ kind: 'maintenance', ...found }] : [];
    }
    if (!isSeen(resource)) return [{ kind: 'not-seen', ...found }];
    if (goal === 'off')
      return isOff(resource) ? [] : [{ kind: 'still-on', ...found, ...byHand(facts, resource, 'stop') }];
    return isOn(resource) || wasOffBefore(resource, state)
      ? []
      : [{ kind: 'still-off', ...found, ...byHand(facts, resource, 'start') }];
  });
}

/** A sentence each, for the notices. */
export function attentionInWords(attention: Attention[]): Words[] {
  const en: Record<Attention['kind'], (item: Attention) => string> = {
    'still-on': ({ resource, state }) => `${resource} is "${state}", expected it to be off.`,
    'still-off': ({ resource, state }) => `${resource} is "${state}", expected it to be on.`,
    'not-seen': ({ resource, state }) => `${resource} ${state}: please look.`,
    'test-instance': ({ resource, state }) => `${resource} is left ("${state}") and costs money: delete it.`,
    'test-volume': ({ resource, state }) => `${resource} is left ("${state}") and costs money: delete it.`,
    maintenance: () => 'Maintenance mode is still on: remove the flag file, or users stay locked out.',
  };
  return attention.map((item) => ({ en: en[item.kind](item), 'zh-CN': attentionInChinese(item) }));
}

/** The action for a resource, in Chinese, for notices and report alike. */
export function attentionInChinese(item: Pick<Attention, 'kind' | 'resource' | 'state'>): string {
  const [resource, state] = [resourceInChinese(item.resource), stateInChinese(item.state)];
  switch (item.kind) {
    case 'still-on':
      return `${resource} 状态为“${state}”：应当关闭。`;
    case 'still-off':
      return `${resource} 状态为“${state}”：应当运行。`;
    case 'not-seen':
      return `${resource} ${state}：请人工检查。`;
    case 'maintenance':
      return '维护模式仍未结束：请删除标记文件，否则用户无法登录。';
    default:
      return `${resource} 仍然存在（“${state}”）：会产生费用，请删除。`;
  }
}

function goalOf(outcome: Outcome, state: ReachedState): 'on' | 'off' | undefined {
  if (outcome === 'succeeded' || outcome === 'partly-off' || outcome === 'already-off') return 'off';
  // A run that only proves a backup switches nothing.
  if (state.run?.onlyProve === true || !isTouched(state) || lostLock(state)) return undefined;
  // From the drain on every error rolls back. So a failure without a roll back lies past the point of no return.
  return state.failure !== undefined && state.rollback === undefined ? 'off' : 'on';
}

function isOff({ kind, state }: ResourceState): boolean {
  return kind === 'service' ? state === 'inactive' || state === 'failed' : state === 'stopped';
}

/** Tells whether the roll back did not have to start a service, since it was not running before the run either. */
function wasOffBefore({ kind, name }: ResourceState, { rollback }: ReachedState): boolean {
  if (kind !== 'service' || rollback?.services === undefined || !('services' in rollback.services))
    return false;
  return !rollback.services.services.some(
    (service) => `service ${service.name} on ${service.server}` === name,
  );
}

function byHand(
  { config, outcome }: { config: SystemConfig; outcome: Outcome },
  { kind, name, state }: ResourceState,
  verb: 'start' | 'stop',
): { command?: string } {
  // Only a resource at rest accepts the call. A changing resource has to be waited for.
  const ready = verb === 'start' ? state === 'stopped' : state === 'available' || state === 'running';
  if (!ready || (kind !== 'database' && kind !== 'server')) return {};
  if (kind === 'database') return { command: byHandOf(config)[verb](config.database.identifier) };
  const server = config.servers.find((candidate) => name === `server ${candidate.name}`);
  // The run has tried the ordinary stop until its deadline. Only the forced stop is left, which the notice names too.
  const force = verb === 'stop' && outcome === 'partly-off' ? ' --force' : '';
  return server === undefined
    ? {}
    : { command: `aws ec2 ${verb}-instances${force} --instance-ids ${server.instanceId}` };
}

function testVolumeLeft(resource: ResourceState, state: ReachedState): Attention[] {
  const found = { resource: resource.name, state: resource.state };
  if (!isSeen(resource)) return isTouched(state) ? [{ kind: 'not-seen', ...found }] : [];
  const id = resource.name.replace('test volume ', '');
  // EC2 deletes an attached volume only once it is detached.
  const verb = resource.state === 'in-use' ? 'detach' : 'delete';
  return [{ kind: 'test-volume', ...found, command: `aws ec2 ${verb}-volume --volume-id ${id}` }];
}
