import type { Filter, Tag } from '@aws-sdk/client-rds';
import type { Instance } from '../../database/instance.ts';
import type { DatabaseWorld } from '../../database/world.ts';
import { AwsError } from '../../operation.ts';

const IDENTIFIER = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/;

/** @throws AwsError when it is not what RDS takes as an identifier. */
export function requireIdentifier(what: string, identifier: string): void {
  if (!IDENTIFIER.test(identifier))
    throw new AwsError('InvalidParameterValue', `Invalid ${what} identifier: ${identifier}`);
}

export function findInstance(world: DatabaseWorld, identifier: string | undefined): Instance {
  const instance = world.instances.get(identifier ?? '');
  if (instance === undefined)
    throw new AwsError('DBInstanceNotFoundFault', `DBInstance ${identifier} not found.`, 404);
  return instance;
}

export function requireState(instance: Instance, ...states: string[]): void {
  if (states.includes(instance.status)) return;
  throw new AwsError(
    'InvalidDBInstanceStateFault',
    `Instance ${instance.identifier} cannot be used: it is in state ${instance.status}, expected ${states.join(' or ')}.`,
  );
}

/** Tags as a policy's conditions are held against. */
export function tagsOf(tags: Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

/** @throws AwsError for a filter that the operation does not know. */
export function requireFilters(filters: Filter[] | undefined, ...known: string[]): void {
  const unknown = filters?.find(({ Name }) => !known.includes(Name ?? ''));
  if (unknown !== undefined)
    throw new AwsError('InvalidParameterValue', `Unrecognized filter name: ${unknown.Name}`);
}
